package io.pgnode.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a view is shown once or kept up to date. */
final class WatchOptions {
    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            fallbackValue = "0",
            paramLabel = "SEC",
            description =
                    "Stay, and show each change as it happens; with SEC also when nothing changed"
                            + " for so long.")
    @Nullable Double seconds;

    @Option(
            names = {"-t", "--timestamp"},
            description = "Print the time above the table.")
    boolean timestamp;
}
