package io.pgnode.cli;

import io.pgnode.cli.text.Style;
import io.pgnode.cli.view.ClusterChanges;
import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterView;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells how the recovery of a cluster goes, until it has ended. */
final class RecoveryWatch {
    private final Console console;
    private final ClusterSession session;
    private final long startNanos = System.nanoTime();
    private ClusterView last;
    private boolean seen;

    RecoveryWatch(Console console, ClusterSession session, ClusterView view) {
        this.console = console;
        this.session = session;
        this.last = view;
    }

    ExitCode follow() {
        try (ViewWatch watch = new ViewWatch(session.store())) {
            ClusterRecovery recovery = null;
            while (true) {
                ClusterView view = watch.next(Duration.ofSeconds(1));
                if (view == null) {
                    continue;
                }
                show(view);
                if (view.recovery() != null) {
                    seen = true;
                    recovery = view.recovery();
                } else if (seen && recovery != null) {
                    return ended(recovery);
                }
            }
        }
    }

    private ExitCode ended(ClusterRecovery recovery) {
        if (recovery.step() != ClusterRecovery.Step.REBUILD) {
            throw new CliException(
                    ExitCode.FAILED,
                    "recovery " + recovery.id() + " was aborted",
                    "see pgnode list");
        }
        console.println(
                "%s is recovered, on timeline %d, after %s s"
                        .formatted(session.scope(), recovery.timeline(), elapsed()));
        console.note(
                "A full backup is asked for: the schedule begins it now. Where the schedule is off,"
                        + " take it with pgnode backup full");
        return ExitCode.OK;
    }

    private void show(ClusterView view) {
        ClusterRecovery before = last.recovery();
        ClusterRecovery now = view.recovery();
        if (now != null && (before == null || before.step() != now.step())) {
            say(
                    switch (now.step()) {
                        case STOP -> "every member stops";
                        case RESTORE -> now.leader() + " is restored";
                        case REBUILD ->
                                now.leader()
                                        + " accepts writes on timeline "
                                        + now.timeline()
                                        + ", the others are rebuilt";
                    });
        }
        if (now != null && !now.problem().isEmpty() && !now.problem().equals(problem(before))) {
            console.note(Style.WARNING, now.leader() + ": " + now.problem());
        }
        ClusterChanges.between(last, view).forEach(this::say);
        last = view;
    }

    private static String problem(@Nullable ClusterRecovery recovery) {
        return recovery == null ? "" : recovery.problem();
    }

    private void say(String text) {
        console.note(Style.FAINT, "%6s s  %s".formatted(elapsed(), text));
    }

    private String elapsed() {
        return "%.2f".formatted((System.nanoTime() - startNanos) / 1e9);
    }
}
