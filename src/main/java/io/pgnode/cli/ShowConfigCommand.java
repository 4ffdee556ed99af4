package io.pgnode.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.cli.text.Json;
import io.pgnode.cli.text.Yamls;
import io.pgnode.cluster.ClusterView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "show-config",
        description = "Show the dynamic configuration of the cluster.",
        footer = {"", "The configuration of one node is shown by pgnode config show."})
final class ShowConfigCommand extends ClusterCommand {
    /** The formats that can hold a configuration. */
    enum Format {
        yaml,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "yaml",
            description = "Format: ${COMPLETION-CANDIDATES} (default: yaml).")
    Format format = Format.yaml;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        ClusterView view = session.read();
        if (view.config() == null) {
            throw new CliException(
                    ExitCode.UNAVAILABLE,
                    "the cluster has no dynamic configuration yet",
                    "it is written when its first member bootstraps");
        }
        JsonNode config = Json.parse(view.config().json());
        console.print(
                switch (format) {
                    case yaml -> Yamls.dump(config);
                    case json -> Json.pretty(config);
                });
        return ExitCode.OK;
    }
}
