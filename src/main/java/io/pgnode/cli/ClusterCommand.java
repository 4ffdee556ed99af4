package io.pgnode.cli;

import picocli.CommandLine.Mixin;

/** A command about one cluster: opens the connections, and closes them so that it ends at once. */
abstract class ClusterCommand extends CliCommand {
    @Mixin ClusterOptions cluster = new ClusterOptions();

    @Override
    final ExitCode run(Console console) throws Exception {
        try (ClusterSession session = console.surroundings().connect(cluster)) {
            return run(console, session);
        }
    }

    abstract ExitCode run(Console console, ClusterSession session) throws Exception;
}
