package io.pgnode.agent;

import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The local instance, as the shell uses it. Nothing blocks; the shell never starts an action before
 * the last one ended, except {@link #fence}. Futures fail with {@link PostgresProblem}; they
 * complete on any thread.
 */
public interface Postgres {
    /**
     * A member to stream from or to copy from.
     *
     * @param slot name of our replication slot there; empty for none
     */
    record Upstream(MemberName name, HostPort address, String slot) {}

    /** Whether our WAL fits the upstream's history. */
    enum Divergence {
        NONE,
        DIVERGED,
        UNKNOWN
    }

    /** The last known state; safe on any thread, never blocks. */
    InstanceView view();

    /**
     * Looks again, with one SQL round trip when the server runs; completes within about a second,
     * never fails.
     */
    CompletableFuture<InstanceView> refresh();

    /** Called, on any thread, right after a postmaster died that was not asked to. */
    void onExit(Runnable listener);

    /**
     * Kills the server at once, every process of it. Safe on any thread, at any time, also during
     * another action (which then fails). Completes when nothing of it runs any more.
     */
    CompletableFuture<@Nullable Void> fence(String why);

    /**
     * Creates a data directory, by initdb or the operator's command; completes with its system
     * identifier. Does not start it.
     */
    CompletableFuture<String> initdb();

    /**
     * The first start of what {@link #initdb} created, after the recovery to its target if it is a
     * restored one. Completes when it accepts writes.
     */
    CompletableFuture<@Nullable Void> startNew();

    /** Roles, grants and the operator's script, right after the first start as primary. */
    CompletableFuture<@Nullable Void> completeBootstrap();

    /**
     * Starts without recovery settings: it accepts writes when done (after crash recovery, if that
     * is due).
     */
    CompletableFuture<@Nullable Void> startPrimary();

    /**
     * Starts as a standby; of nobody when {@code upstream} is null. Completes when it answers or is
     * known to be recovering.
     */
    CompletableFuture<@Nullable Void> startStandby(@Nullable Upstream upstream);

    /**
     * Completes when it accepts writes.
     *
     * @param epoch of the lease under which it is promoted, to be remembered
     * @param timeline that it is to begin, skipping those between it and its own: somebody else may
     *     have begun them
     */
    CompletableFuture<@Nullable Void> promote(long epoch, int timeline);

    /** Changes the upstream of a running standby; null for the archive alone. */
    CompletableFuture<@Nullable Void> follow(@Nullable Upstream upstream);

    /** Fast stop; immediate, then kill, once {@code budget} is used up. */
    CompletableFuture<@Nullable Void> stop(Duration budget);

    /**
     * A stop that loses nothing: fast, waiting for the standbys to receive everything. Completes
     * with the position of the shutdown checkpoint; fails when it had to escalate.
     */
    CompletableFuture<Lsn> stopForHandoff(Duration budget);

    CompletableFuture<@Nullable Void> checkpoint();

    CompletableFuture<Divergence> divergence(Upstream upstream);

    /** Fails with a {@link PostgresProblem} that says what pg_rewind said. */
    CompletableFuture<@Nullable Void> rewind(Upstream upstream);

    /**
     * Copies from {@code upstream} into the data directory, which is renamed aside first when it is
     * not empty.
     */
    CompletableFuture<@Nullable Void> cloneFrom(Upstream upstream);

    /**
     * Renames the data directory, whatever it is, to one with {@code suffix} and the time; it must
     * not run.
     */
    CompletableFuture<@Nullable Void> moveAside(String suffix);

    /**
     * The data of the stopped instance is to be copied anew, although it is usable: renamed aside,
     * or left for a copy that takes what is the same from it.
     *
     * @param why one word, such as {@code diverged}
     */
    default CompletableFuture<@Nullable Void> replaceData(String why) {
        return moveAside(why);
    }

    /**
     * Overwrites the data directory from the backup repository, recovers to the target, and
     * completes when it accepts writes. Fails when there is no repository, or WAL that is not
     * archived yet.
     *
     * @param target see {@link io.pgnode.cluster.ClusterRecovery}
     * @param synchronousStandbyNames in force from its first write on; empty for none
     */
    default CompletableFuture<@Nullable Void> restoreCluster(
            Map<String, String> target, String synchronousStandbyNames) {
        return CompletableFuture.failedFuture(
                new PostgresProblem("no backup repository is configured here"));
    }

    /** Ends a restore whose agent died after the instance had recovered. */
    default CompletableFuture<@Nullable Void> acceptData() {
        return CompletableFuture.completedFuture(null);
    }

    /** Marks the data of the stopped instance as unfinished: it is to be copied anew. */
    default CompletableFuture<@Nullable Void> giveUpData(String why) {
        return moveAside("recovered");
    }

    /** Brings configuration files in line and reloads when something changed. */
    CompletableFuture<@Nullable Void> configure(DynamicConfig config);

    /**
     * The dynamic configuration that {@link #configure} got last, however long ago; empty when none
     * is known.
     */
    default CompletableFuture<String> keptConfig() {
        return CompletableFuture.completedFuture("");
    }

    /**
     * Configured parameters that have no effect, each with the reason; of the last {@link
     * #configure} or start. Any thread.
     */
    default Map<String, String> refusedParameters() {
        return Map.of();
    }

    CompletableFuture<@Nullable Void> reload();

    /** Creates and drops physical slots. */
    CompletableFuture<@Nullable Void> changeSlots(Set<String> create, Set<String> drop);

    /**
     * Sets synchronous_standby_names; completes with the flush position after every backend is
     * bound by it.
     */
    CompletableFuture<Lsn> setSynchronousStandbyNames(String value);

    /** Timeline switches of the running primary, oldest first. */
    CompletableFuture<List<TimelineHistory.Entry>> timelineHistory();
}
