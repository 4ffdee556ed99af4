package io.pgnode.cli;

import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.ClusterView;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Prints a table of the cluster, once or at each change. */
final class ViewPrinter {
    /** Longest silence before the DCS connection is looked at again. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private static final String CLEAR = "\033[H\033[2J\033[3J";

    private final Console console;
    private final ClusterSession session;
    private final OutputFormat format;
    private final BiFunction<ClusterView, String, Table> table;
    private String printed = "";

    ViewPrinter(
            Console console,
            ClusterSession session,
            OutputFormat format,
            BiFunction<ClusterView, String, Table> table) {
        this.console = console;
        this.session = session;
        this.format = format;
        this.table = table;
    }

    ExitCode run(WatchOptions options) {
        ClusterView view = session.read();
        if (options.seconds != null) {
            follow(options, options.seconds);
        }
        console.print((options.timestamp ? now() + "\n" : "") + render(view));
        return view.leader() == null ? ExitCode.UNAVAILABLE : ExitCode.OK;
    }

    private String render(ClusterView view) {
        return format.render(table.apply(view, session.scope()), console.look());
    }

    /** Ends by Ctrl-C only. */
    private void follow(WatchOptions options, double seconds) {
        Duration interval = Duration.ofMillis(Math.round(seconds * 1000));
        Duration wait =
                seconds > 0 && interval.compareTo(LONGEST_WAIT) < 0 ? interval : LONGEST_WAIT;
        long lastPrint = System.nanoTime();
        @Nullable ClusterView last = null;
        try (ViewWatch watch = new ViewWatch(session.store())) {
            while (true) {
                ClusterView next = watch.next(wait);
                last = next == null ? last : newest(watch, next);
                if (last == null) {
                    continue;
                }
                boolean due = seconds > 0 && System.nanoTime() - lastPrint >= interval.toNanos();
                if (show(last, watch, options.timestamp, due)) {
                    lastPrint = System.nanoTime();
                }
            }
        }
    }

    /** Skips the views that are outdated already. */
    private static ClusterView newest(ViewWatch watch, ClusterView first) {
        ClusterView newest = first;
        for (ClusterView view = first; view != null; view = watch.next(Duration.ZERO)) {
            newest = view;
        }
        return newest;
    }

    private boolean show(ClusterView view, ViewWatch watch, boolean timestamp, boolean due) {
        String text = render(view);
        if (watch.interruption() != null) {
            text +=
                    " DCS: "
                            + watch.interruption().getMessage()
                            + "; this is the last known state\n";
        }
        if (!due && text.equals(printed)) {
            return false;
        }
        printed = text;
        boolean screen = console.look().boxed() && format == OutputFormat.table;
        String head = timestamp || screen ? Style.FAINT.paint(now(), console.look().colour()) : "";
        console.print((screen ? CLEAR : "") + (head.isEmpty() ? "" : head + "\n") + text);
        return true;
    }

    private static String now() {
        return LocalDateTime.now(ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString()
                .replace('T', ' ');
    }
}
