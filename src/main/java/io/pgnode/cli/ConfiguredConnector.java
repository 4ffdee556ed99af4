package io.pgnode.cli;

import io.pgnode.agent.rest.Credentials;
import io.pgnode.agent.rest.RestClientSettings;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Passworded;
import io.pgnode.config.Passwords;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.RestConfig;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens connections as the configuration of a node says; options and environment win over it. */
final class ConfiguredConnector {
    /** Stands for the configuration of a host that has none: what commands need to have values. */
    private static final String NO_FILE =
            """
            cluster: none
            seq: 0
            address: 127.0.0.1
            """;

    private ConfiguredConnector() {}

    static ClusterSession connect(ClusterOptions options, Surroundings surroundings) {
        PgnodeConfig config = load(options, surroundings);
        try {
            RestClientSettings rest = rest(config);
            return new ClusterSession(
                    config.cluster().orElseThrow(),
                    DcsClients.open(config),
                    config.namespace(),
                    config.dcs().timeout(),
                    () -> new VertxMemberApi(rest));
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), "", e);
        }
    }

    /** The configuration that the options name. */
    static PgnodeConfig load(ClusterOptions options, Surroundings surroundings) {
        Path file = options.configFile(surroundings);
        Map<String, String> env = new HashMap<>(surroundings.environment());
        if (!options.dcs.isEmpty()) {
            env.put("PGNODE_DCS_ENDPOINTS", String.join(",", options.dcs));
        }
        if (options.namespace != null) {
            env.put("PGNODE_NAMESPACE", options.namespace);
        }
        if (options.cluster != null) {
            env.put("PGNODE_CLUSTER", options.cluster);
        }
        boolean complete =
                env.containsKey("PGNODE_DCS_ENDPOINTS") && env.containsKey("PGNODE_CLUSTER");
        try {
            if (options.config == null && complete && !Files.exists(file)) {
                return ConfigLoader.loadText("command line", NO_FILE, env).config();
            }
            return ConfigLoader.load(file, env).config();
        } catch (ConfigProblems e) {
            boolean missing = !Files.exists(file);
            throw new CliException(
                    ExitCode.USAGE,
                    missing
                            ? "no such file: " + file
                            : e.problems().stream()
                                    .map(Object::toString)
                                    .collect(Collectors.joining("\n")),
                    missing
                            ? "give the configuration of a node with -c, or --dcs HOST:PORT"
                                    + " and --cluster NAME"
                            : "",
                    e);
        }
    }

    /** The members' certificates are expected to be of the kind that this node's API shows. */
    private static RestClientSettings rest(PgnodeConfig config) throws IOException {
        RestConfig rest = config.rest();
        String password = password(rest);
        Credentials credentials =
                rest.username().isEmpty() || password == null
                        ? null
                        : new Credentials(rest.username().get(), password);
        RestConfig.ServerTls tls = rest.tls();
        boolean clientCertificate = tls.certFile().isPresent() && tls.keyFile().isPresent();
        return new RestClientSettings(
                credentials,
                tls.caFile().map(Path::toString).orElse(""),
                clientCertificate ? tls.certFile().get().toString() : "",
                clientCertificate ? tls.keyFile().get().toString() : "",
                false);
    }

    private static @Nullable String password(Passworded section) throws IOException {
        return Passwords.read(section).map(Secret::reveal).orElse(null);
    }
}
