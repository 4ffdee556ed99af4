package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Json;
import io.pgnode.feed.HoldRequest;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "hold",
        description = "Let clients of this node's gateway wait before their next transaction.",
        footer = {"", "Ends with \"pgnode release\", or by itself after the time."})
final class HoldCommand extends CliCommand {
    @Mixin ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            defaultValue = "primary",
            description = {
                "Whose transactions: those that go to the primary, wherever it is, or to the"
                        + " PostgreSQL of this node: ${COMPLETION-CANDIDATES} (default: primary)."
            })
    HoldCalls.Scope scope = HoldCalls.Scope.primary;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "For how long at most (30s, 5m; default: 30s, longest: 1h).")
    String time = "30s";

    @Option(names = "--all", description = "In the gateways of all members.")
    boolean all;

    @Override
    ExitCode run(Console console) {
        Duration limit = Seconds.parse("--for", time);
        if (limit.compareTo(Duration.ofHours(1)) > 0) {
            throw new CliException(
                    ExitCode.USAGE, "--for is \"" + time + "\", must be at most 1h", "");
        }
        HoldCalls calls = new HoldCalls(console, cluster);
        if (!all) {
            HoldRequest request =
                    new HoldRequest(HoldCalls.OWNER, scope.scope(), Long.MAX_VALUE, limit);
            return calls.here(gateway -> gateway.hold(request));
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("owner", HoldCalls.OWNER);
        body.put("scope", scope.text());
        body.put("limit_ms", limit.toMillis());
        return calls.everywhere("/hold", Json.compact(body));
    }
}
