package io.pgnode.gateway.pooler;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Lets the logins of one event loop take their steps, at most {@link #STEPS} of them a millisecond:
 * in a storm of logins the queries of those who are in go on. A step costs some ten microseconds;
 * nobody who stops in the middle of a login keeps others from theirs. Confined to its loop.
 */
final class LoginTurns {
    static final int STEPS = 16;

    private final EventLoop loop;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int left = STEPS;
    private boolean isScheduled;

    LoginTurns(EventLoop loop) {
        this.loop = loop;
    }

    /** Runs the step at once, or in its turn; true when it ran. */
    boolean take(Runnable step) {
        if (!isScheduled) {
            isScheduled = true;
            var _ = loop.schedule(this::next, 1, TimeUnit.MILLISECONDS);
        }
        if (left > 0 && waiting.isEmpty()) {
            left--;
            step.run();
            return true;
        }
        waiting.add(step);
        return false;
    }

    private void next() {
        left = STEPS;
        while (left > 0 && !waiting.isEmpty()) {
            left--;
            waiting.remove().run();
        }
        isScheduled = !waiting.isEmpty() || left < STEPS;
        if (isScheduled) {
            var _ = loop.schedule(this::next, 1, TimeUnit.MILLISECONDS);
        }
    }
}
