package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "release", description = "Let clients go on that \"pgnode hold\" lets wait.")
final class ReleaseCommand extends CliCommand {
    @Mixin ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            defaultValue = "primary",
            description = "As of the hold: ${COMPLETION-CANDIDATES} (default: primary).")
    HoldCalls.Scope scope = HoldCalls.Scope.primary;

    @Option(names = "--all", description = "In the gateways of all members.")
    boolean all;

    @Override
    ExitCode run(Console console) {
        HoldCalls calls = new HoldCalls(console, cluster);
        if (!all) {
            return calls.here(gateway -> gateway.releaseAndAsk(HoldCalls.OWNER, scope.scope()));
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("owner", HoldCalls.OWNER);
        body.put("scope", scope.text());
        return calls.everywhere("/release", Json.compact(body));
    }
}
