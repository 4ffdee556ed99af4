package io.pgnode.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster a command is about. */
final class ClusterOptions {
    static final Path DEFAULT_CONFIG = Path.of("/etc/pgnode/pgnode.yml");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration of a node of the cluster (default: $$PGNODE_CONFIG, else"
                            + " /etc/pgnode/pgnode.yml).")
    @Nullable Path config;

    @Option(
            names = "--dcs",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Endpoints of the DCS, instead of those in the configuration.")
    List<String> dcs = List.of();

    @Option(
            names = "--namespace",
            paramLabel = "PATH",
            description =
                    "Start of the DCS keys (default: from the configuration, else /service/).")
    @Nullable String namespace;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "Name of the cluster (default: from the configuration).")
    @Nullable String cluster;

    Path configFile(Surroundings surroundings) {
        if (config != null) {
            return config;
        }
        String fromEnvironment = surroundings.environment("PGNODE_CONFIG");
        return fromEnvironment.isEmpty() ? DEFAULT_CONFIG : Path.of(fromEnvironment);
    }
}
