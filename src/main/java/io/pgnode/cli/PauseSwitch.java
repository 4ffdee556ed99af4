package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Json;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.Member;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * Turns the maintenance mode on and off: the key {@code pause} of the dynamic configuration.
 *
 * <p>Written to the DCS, where every member sees it at once: a cluster must be paused also while
 * its members do not answer.
 */
final class PauseSwitch {
    private static final int ATTEMPTS = 5;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    private final Console console;
    private final ClusterSession session;

    PauseSwitch(Console console, ClusterSession session) {
        this.console = console;
        this.session = session;
    }

    ExitCode turn(boolean on, boolean wait) {
        String state = on ? "paused" : "resumed";
        if (write(on)) {
            console.println("cluster " + session.scope() + " is " + state);
        } else {
            console.println(
                    "cluster " + session.scope() + (on ? " is paused already" : " is not paused"));
        }
        ClusterView view = session.read();
        if (!on && view.leader() == null && view.suspension().member() != null) {
            console.println(
                    view.suspension().member()
                            + " led when the cluster was paused and may still accept writes: nobody"
                            + " takes over before its agent is back. If it is lost for good: pgnode"
                            + " failover --candidate <member>");
        }
        if (wait) {
            await(on);
            console.println("every member has seen it");
        }
        return ExitCode.OK;
    }

    /** False when it is so already. */
    private boolean write(boolean on) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ClusterView view = session.read();
            DynamicConfig config = view.config();
            if (config == null) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "the cluster has no dynamic configuration yet",
                        "wait until its first member has started");
            }
            if (config.pause() == on) {
                return false;
            }
            ObjectNode json = (ObjectNode) Json.parse(config.json());
            if (on) {
                json.put("pause", true);
            } else {
                json.remove("pause");
            }
            if (session.get(
                    session.store().writeConfig(Json.compact(json), config.modRevision()))) {
                return true;
            }
        }
        throw new CliException(
                ExitCode.FAILED, "the configuration was changed by somebody else each time", "");
    }

    private void await(boolean on) {
        try (ViewWatch watch = new ViewWatch(session.store())) {
            ClusterView seen =
                    watch.await(
                            view ->
                                    view.members().values().stream()
                                            .allMatch(m -> m.paused() == on),
                            LONGEST_WAIT,
                            view -> {});
            if (seen == null) {
                String missing =
                        session.read().members().values().stream()
                                .filter(m -> m.paused() != on)
                                .map((Member m) -> m.name().value())
                                .collect(Collectors.joining(", "));
                throw new CliException(
                        ExitCode.FAILED,
                        "not seen within " + LONGEST_WAIT.toSeconds() + " s by " + missing,
                        "is the agent there running?");
            }
        }
    }
}
