package io.pgnode.config;

import io.pgnode.model.ByteSize;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A service: a port, and which members clients reach through it. What is absent has the value of
 * the built-in service of that name, if there is one.
 */
public interface ServiceConfig {
    /** Whether the service is opened; {@code false} does away with a built-in one. */
    @WithDefault("true")
    boolean enabled();

    /** Port on all addresses; required unless the service is built in or has {@code bind}. */
    OptionalInt port();

    /** Addresses in place of {@code port}: host:port, *:port, or the path of a unix socket. */
    Optional<List<String>> bind();

    /** What is done with the clients' bytes; tcp unless built in. */
    Optional<Mode> mode();

    /** The members that serve; required unless built in. */
    Optional<Role> role();

    /** The members that serve when none of {@code role} is up, in order of preference. */
    Optional<List<Role>> backup();

    /** All backups share the load; else only the first one that is up serves. */
    @WithDefault("false")
    boolean allBackups();

    /** Port of the members; PostgreSQL's own when absent, the pooler's in mode pooled. */
    OptionalInt targetPort();

    /** Standbys further behind do not serve, unless all of them are; no limit when absent. */
    Optional<ByteSize> maxLag();

    @WithDefault("roundrobin")
    Balance balance();

    /** Clients at once; more wait in the kernel. */
    @WithDefault("5000")
    int maxConnections();

    /** Clients that wait for a server; 0 for no limit. */
    @WithDefault("128")
    int maxQueue();

    /** Sessions at once on one member; 0 for no limit. */
    @WithDefault("3000")
    int memberConnections();

    /** Further attempts to connect to a member. */
    @WithDefault("3")
    int retries();

    /** For one attempt to connect. */
    @WithDefault("3s")
    Duration connectTimeout();

    /** How long a client waits for a member that can serve it. */
    @WithDefault("30s")
    Duration queueTimeout();

    /** A session on which nothing is sent for so long ends. */
    @WithDefault("24h")
    Duration idleTimeout();

    /** A member that comes up gets its full share of sessions after this. */
    @WithDefault("0s")
    Duration slowStart();

    /** Sessions are closed when their member goes down; as if true for role primary when absent. */
    Optional<Boolean> closeWhenDown();

    /** Sessions on backups are closed when another member comes up. */
    @WithDefault("false")
    boolean closeBackupsWhenUp();

    enum Mode {
        POOLED,
        TCP
    }

    enum Role {
        PRIMARY,
        REPLICA,
        READ_ONLY,
        OFFLINE
    }

    enum Balance {
        ROUNDROBIN,
        LEASTCONN,
        FIRST,
        RANDOM,
        SOURCE
    }
}
