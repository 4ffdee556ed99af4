package io.pgnode.cli;

import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Problem;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The configuration that a process of a node starts with. */
final class NodeFile {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "${PGNODE_CONFIG:-/etc/pgnode/pgnode.yml}",
            description = "Configuration file (default: ${DEFAULT-VALUE}).")
    Path path = ClusterOptions.DEFAULT_CONFIG;

    /** Why nothing starts: all that is wrong. */
    static CliException notStarted(ConfigProblems found) {
        return new CliException(
                ExitCode.USAGE,
                found.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")),
                "nothing was started; \"pgnode config check\" shows the same report");
    }
}
