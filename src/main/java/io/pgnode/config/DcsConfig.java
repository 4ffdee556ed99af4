package io.pgnode.config;

import io.pgnode.model.HostPort;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The distributed configuration store. */
public interface DcsConfig extends Passworded {
    @WithDefault("etcd")
    DcsType type();

    /** Addresses of the store's members; port 2379 unless given. */
    @WithDefault("127.0.0.1:2379")
    List<HostPort> endpoints();

    /** User of the store; none when absent. */
    Optional<String> username();

    /** Needs a restart, unlike other passwords: the connection is made once. */
    @Override
    Optional<Secret> password();

    @Override
    Optional<Path> passwordFile();

    ClientTls tls();

    /**
     * Bound of one call, 100 ms to 60 s; a call inside an HA cycle also ends with retry-timeout.
     */
    @WithDefault("3s")
    Duration timeout();

    /** Where the embedded store keeps its state. */
    @WithDefault("/var/lib/pgnode/dcs")
    Path dataDir();

    /** Where the embedded store listens. */
    @WithDefault("127.0.0.1:2379")
    HostPort listen();

    /** TLS towards the store. */
    interface ClientTls {
        @WithDefault("false")
        boolean enabled();

        /** Certificates that sign the server's; the system's trust store when absent. */
        Optional<Path> caFile();

        Optional<Path> certFile();

        Optional<Path> keyFile();
    }
}
