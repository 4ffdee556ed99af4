package io.pgnode.config;

import io.pgnode.model.HostPort;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The gateway's process. */
public interface GatewayConfig {
    /** Whether {@code pgnode run} runs the gateway. */
    @WithDefault("true")
    boolean enabled();

    /** Threads that move bytes; one for two cores when absent. */
    OptionalInt loops();

    /**
     * How long clients wait for a new primary after the old one failed, and for a PostgreSQL that
     * cannot be reached; then they are refused until there is one.
     */
    @Reloadable
    @WithDefault("30s")
    Duration failoverTimeout();

    /** How long a gateway whose successor has taken over waits for its clients to leave. */
    @Reloadable
    @WithDefault("1h")
    Duration drainTimeout();

    /**
     * Members by name, for a gateway that has no agent: their roles come from their REST APIs. None
     * when the agent's view is used.
     */
    @Reloadable
    Map<String, MemberConfig> members();

    @Reloadable
    CheckConfig check();

    @Reloadable
    StatsConfig stats();

    /** One member of a static list. */
    interface MemberConfig {
        /** Where its PostgreSQL listens; required. */
        Optional<HostPort> postgresql();

        /** Where its REST API listens; port 8008 of the same host when absent. */
        Optional<HostPort> rest();

        /** Its share of the sessions, 0..256. */
        @WithDefault("100")
        int weight();

        /** Serves the service offline alone. */
        @WithDefault("false")
        boolean offline();

        /** Serves the service offline as well as ordinary readers. */
        @WithDefault("false")
        boolean offlineQuery();
    }

    /** The checks of a static list. */
    interface CheckConfig {
        @WithDefault("2s")
        Duration inter();

        /** Between checks while a member's state is about to change. */
        @WithDefault("1s")
        Duration fastInter();

        /** Between checks of a member that is down. */
        @WithDefault("2s")
        Duration downInter();

        @WithDefault("3s")
        Duration timeout();

        /** Good answers until a member is up. */
        @WithDefault("3")
        int rise();

        /** Bad answers until a member is down. */
        @WithDefault("3")
        int fall();

        @WithDefault("options")
        Method method();

        /** Asks over TLS. */
        @WithDefault("false")
        boolean tls();

        /** With TLS: whether a member's certificate must be valid, and be for its name. */
        @WithDefault("full")
        Verify verify();

        /** Authorities of the members' certificates; those of the system when absent. */
        Optional<Path> caFile();

        enum Verify {
            FULL,
            NONE
        }

        enum Method {
            OPTIONS,
            GET,
            HEAD
        }
    }

    /** Statistics: page, CSV, JSON, metrics, command socket. */
    interface StatsConfig {
        @WithDefault("0.0.0.0")
        String listen();

        @WithDefault("9101")
        int port();

        /** How often the page loads itself again; 0 for never. */
        @WithDefault("30s")
        Duration refresh();

        /** Unix socket for HAProxy's runtime commands; none when absent. */
        Optional<Path> socket();

        /** Who may change states and close sessions; nobody when absent. */
        StatsLogin admin();

        /** Who may look; everybody when absent. */
        StatsLogin reader();
    }

    /** A name with its password. */
    interface StatsLogin extends Passworded {
        Optional<String> username();

        @Override
        Optional<Secret> password();

        @Override
        Optional<Path> passwordFile();
    }
}
