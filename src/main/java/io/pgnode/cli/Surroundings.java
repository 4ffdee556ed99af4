package io.pgnode.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a command finds around it: environment, terminal and standard input. Tests bring their own.
 */
public final class Surroundings {
    private final Map<String, String> environment;
    private final Terminal terminal;
    private final Connector connector;
    private @Nullable BufferedReader input;

    /** Opens connections to clusters. */
    interface Connector {
        ClusterSession connect(ClusterOptions options, Surroundings surroundings);
    }

    Surroundings(
            Map<String, String> environment,
            Terminal terminal,
            Connector connector,
            @Nullable BufferedReader input) {
        this.environment = Map.copyOf(environment);
        this.terminal = terminal;
        this.connector = connector;
        this.input = input;
    }

    /** Those of this process. */
    static Surroundings ofProcess() {
        Map<String, String> environment = System.getenv();
        return new Surroundings(
                environment, Terminal.detect(environment), ConfiguredConnector::connect, null);
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Opens the connections to the cluster that {@code options} choose; the caller closes them. */
    ClusterSession connect(ClusterOptions options) {
        return connector.connect(options, this);
    }

    /** Empty when it is not set. */
    String environment(String name) {
        return environment.getOrDefault(name, "");
    }

    Terminal terminal() {
        return terminal;
    }

    BufferedReader input() {
        if (input == null) {
            input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        }
        return Objects.requireNonNull(input);
    }
}
