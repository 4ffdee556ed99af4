package io.pgnode.agent;

import java.util.concurrent.CompletableFuture;

/** The operator's scripts. */
public interface Callbacks {
    /** What happened; the text is the first argument of the script. */
    enum Event {
        ON_START("on_start"),
        ON_STOP("on_stop"),
        ON_RESTART("on_restart"),
        ON_RELOAD("on_reload"),
        ON_ROLE_CHANGE("on_role_change");

        private final String text;

        Event(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    Callbacks NONE =
            new Callbacks() {
                @Override
                public void fire(Event event, String role) {}

                @Override
                public CompletableFuture<Boolean> prePromote() {
                    return CompletableFuture.completedFuture(true);
                }

                @Override
                public CompletableFuture<Boolean> beforeStop() {
                    return CompletableFuture.completedFuture(true);
                }
            };

    /** Runs the script in the background; a newer call ends an older one. */
    void fire(Event event, String role);

    /** Completes with false when the script says that this member must not be promoted. */
    CompletableFuture<Boolean> prePromote();

    /** Waits for the script, within its limit. */
    CompletableFuture<Boolean> beforeStop();
}
