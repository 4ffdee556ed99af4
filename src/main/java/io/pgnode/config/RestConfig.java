package io.pgnode.config;

import io.pgnode.model.HostPort;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The REST API. */
public interface RestConfig extends Passworded {
    /** Address to listen on. */
    @WithDefault("0.0.0.0")
    String listen();

    @WithDefault("8008")
    int port();

    /** Where the others connect; {@code address} with {@code port} when absent. */
    Optional<HostPort> connectAddress();

    /** User for requests that change something; none when absent. */
    @Reloadable
    Optional<String> username();

    ServerTls tls();

    /** Networks (CIDR) or addresses that may send requests that change something. */
    @Reloadable
    Optional<List<String>> allowlist();

    /** Whether the addresses of members belong to the allowlist. */
    @Reloadable
    @WithDefault("false")
    boolean allowlistIncludeMembers();

    /** TLS of the API; on when {@code cert-file} is given. The files are read again at a reload. */
    interface ServerTls {
        Optional<Path> certFile();

        Optional<Path> keyFile();

        /** Certificates that sign the clients'. */
        Optional<Path> caFile();

        @WithDefault("none")
        VerifyClient verifyClient();

        enum VerifyClient {
            NONE,
            /** Requests that change something need a client certificate. */
            OPTIONAL,
            /** Every request needs a client certificate. */
            REQUIRED
        }
    }
}
