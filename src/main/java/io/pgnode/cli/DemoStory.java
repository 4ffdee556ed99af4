package io.pgnode.cli;

import io.pgnode.cli.text.Style;
import io.pgnode.cli.view.ClusterChanges;
import io.pgnode.cluster.ClusterView;

/** Tells what happens in a demo, each step with its time since the start. */
final class DemoStory {
    private final Console console;
    private final long startNanos = System.nanoTime();
    private ClusterView last = ClusterView.EMPTY;

    DemoStory(Console console) {
        this.console = console;
    }

    void step(String text) {
        console.println(time() + "  " + text);
    }

    void heading(String text) {
        console.println("\n" + Style.STRONG.paint(text, console.look().colour()));
    }

    /** Tells what has changed since the view before. */
    void view(ClusterView view) {
        for (String change : ClusterChanges.between(last, view)) {
            console.println(Style.FAINT.paint(time() + "  " + change, console.look().colour()));
        }
        last = view;
    }

    private String time() {
        return "%7.2f s".formatted((System.nanoTime() - startNanos) / 1e9);
    }
}
