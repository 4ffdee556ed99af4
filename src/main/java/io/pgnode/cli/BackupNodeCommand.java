package io.pgnode.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command about the repositories of this node. */
abstract class BackupNodeCommand extends CliCommand {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration of this node (default: $$PGNODE_CONFIG, else"
                            + " /etc/pgnode/pgnode.yml).")
    @Nullable Path file;

    /** The cluster of this node. */
    ClusterOptions cluster() {
        ClusterOptions options = new ClusterOptions();
        options.config = file;
        return options;
    }

    BackupNode node(Console console) {
        return BackupNode.load(
                cluster().configFile(console.surroundings()), console.surroundings().environment());
    }

    @Override
    final ExitCode run(Console console) throws Exception {
        return run(console, node(console));
    }

    abstract ExitCode run(Console console, BackupNode node) throws Exception;

    /** About one repository or all of them. */
    abstract static class OfRepository extends BackupNodeCommand {
        @Option(
                names = "--repo",
                paramLabel = "NUMBER",
                description = "One repository only (default: all).")
        @Nullable Integer repository;
    }
}
