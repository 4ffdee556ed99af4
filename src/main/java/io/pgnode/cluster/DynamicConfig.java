package io.pgnode.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The dynamic configuration: what the config key says, checked and with defaults filled in.
 *
 * <p>Spellings and meanings are Patroni's. Unknown keys stay in {@link #json} and are ignored.
 *
 * @param ttl the lease, from the last renewal to the election of another leader
 * @param loopWait pause between two cycles without an event
 * @param retryTimeout how long one DCS or PostgreSQL operation is retried
 * @param maximumLagOnFailover bytes a candidate may miss of the last known position
 * @param maximumLagOnSyncnode bytes a synchronous standby may lag before it is replaced; negative
 *     for no limit
 * @param checkTimeline refuse candidates on an older timeline
 * @param primaryStartTimeout how long a crashed primary may take to recover before it is replaced;
 *     zero replaces at once
 * @param primaryStopTimeout bound of a stop at demotion in synchronous mode; zero for none
 * @param failsafeMode keep the primary without a DCS while every member agrees
 * @param pause automatic failover is suspended
 * @param parameters PostgreSQL parameters for every member
 * @param pgHba lines of pg_hba.conf; empty to leave the file alone
 * @param pgIdent lines of pg_ident.conf; empty to leave the file alone
 * @param json the key's whole value, as it was written
 * @param modRevision revision to compare when it is replaced; zero when the key does not exist
 */
public record DynamicConfig(
        Duration ttl,
        Duration loopWait,
        Duration retryTimeout,
        long maximumLagOnFailover,
        long maximumLagOnSyncnode,
        boolean checkTimeline,
        Duration primaryStartTimeout,
        Duration primaryStopTimeout,
        SyncMode synchronousMode,
        boolean synchronousModeStrict,
        int synchronousNodeCount,
        boolean failsafeMode,
        boolean pause,
        int maxTimelinesHistory,
        boolean usePgRewind,
        boolean useSlots,
        boolean removeDataDirectoryOnRewindFailure,
        boolean removeDataDirectoryOnDivergedTimelines,
        Map<String, String> parameters,
        List<String> pgHba,
        List<String> pgIdent,
        String json,
        long modRevision) {
    /** What counts before there is a config key. */
    public static final DynamicConfig DEFAULT =
            new DynamicConfig(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(4),
                    1 << 20,
                    -1,
                    false,
                    Duration.ofSeconds(300),
                    Duration.ZERO,
                    SyncMode.OFF,
                    false,
                    1,
                    false,
                    false,
                    0,
                    true,
                    true,
                    false,
                    false,
                    Map.of(),
                    List.of(),
                    List.of(),
                    "{}",
                    0);

    public DynamicConfig {
        parameters = Map.copyOf(parameters);
        pgHba = List.copyOf(pgHba);
        pgIdent = List.copyOf(pgIdent);
    }
}
