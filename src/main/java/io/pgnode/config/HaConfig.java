package io.pgnode.config;

import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** High availability on this node. */
public interface HaConfig {
    /** Lease and loop for the cluster's first start; afterwards the DCS config key rules. */
    @FirstStart
    @WithDefault("norm")
    Preset preset();

    /** Overrides the preset's lease. */
    @FirstStart
    Optional<Duration> ttl();

    /** Overrides the preset's pause between two cycles. */
    @FirstStart
    Optional<Duration> loopWait();

    /** Overrides the preset's limit for retrying one DCS or PostgreSQL operation. */
    @FirstStart
    Optional<Duration> retryTimeout();

    /** Tags of this member: nofailover, noloadbalance, clonefrom, ... and any of your own. */
    @Reloadable
    Map<String, String> tags();

    /**
     * How long transactions that are open may take to end before a switchover or restart; no new
     * ones begin meanwhile. 0 waits for none.
     */
    @Reloadable
    @WithDefault("5s")
    Duration drainTimeout();

    /** How long clients of the gateway wait at most when they are held back. */
    @Reloadable
    @WithDefault("30s")
    Duration holdTimeout();

    WatchdogConfig watchdog();

    @Reloadable
    Callbacks callbacks();

    /**
     * Whether a clone may replace the data directory after pg_rewind failed; afterwards the DCS
     * rules.
     */
    @FirstStart
    @WithDefault("false")
    boolean removeDataDirectoryOnRewindFailure();

    /**
     * Whether a clone may replace a diverged data directory where pg_rewind cannot be used;
     * afterwards the DCS rules.
     */
    @FirstStart
    @WithDefault("false")
    boolean removeDataDirectoryOnDivergedTimelines();

    /** The kernel's watchdog, which resets the host when the agent does not feed it. */
    interface WatchdogConfig {
        @WithDefault("automatic")
        Mode mode();

        @WithDefault("/dev/watchdog")
        Path device();

        /** How long before the lease's end the host is reset; 5 s, or half the lease, if absent. */
        Optional<Duration> safetyMargin();

        enum Mode {
            /** Not used. */
            OFF,
            /** Used when the device is there. */
            AUTOMATIC,
            /** A member without it never becomes leader. */
            REQUIRED
        }
    }

    /** Programs run on events, each with the event, the role and the cluster's name appended. */
    interface Callbacks {
        Optional<CommandLine> onStart();

        Optional<CommandLine> onStop();

        Optional<CommandLine> onRestart();

        Optional<CommandLine> onReload();

        Optional<CommandLine> onRoleChange();

        /** Runs before promotion, which waits; a non-zero exit gives up the leader key. */
        Optional<CommandLine> prePromote();

        /** Runs before a stop, which waits. */
        Optional<CommandLine> beforeStop();
    }
}
