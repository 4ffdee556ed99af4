package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one probe learnt by SQL; the meanings are those of {@link io.pgnode.cluster.InstanceView}.
 *
 * @param sender where the WAL receiver is connected; null when it is not
 * @param configLoadedMicros wall clock of the last reload
 * @param pendingRestart what the server itself reports
 * @param forcedSettings current values of what we give on the command line
 */
record ServerFacts(
        boolean inRecovery,
        int timeline,
        Lsn flushLsn,
        Lsn receiveLsn,
        Lsn replayLsn,
        long replayTimestampMillis,
        boolean replayPaused,
        boolean streaming,
        @Nullable HostPort sender,
        @Nullable HostPort upstream,
        String slot,
        String synchronousStandbyNames,
        long postmasterStartMillis,
        long configLoadedMicros,
        int serverVersion,
        List<Standby> replication,
        Set<String> slots,
        Map<String, String> pendingRestart,
        Map<String, String> forcedSettings) {
    ServerFacts onTimeline(int other) {
        return new ServerFacts(
                inRecovery,
                other,
                flushLsn,
                receiveLsn,
                replayLsn,
                replayTimestampMillis,
                replayPaused,
                streaming,
                sender,
                upstream,
                slot,
                synchronousStandbyNames,
                postmasterStartMillis,
                configLoadedMicros,
                serverVersion,
                replication,
                slots,
                pendingRestart,
                forcedSettings);
    }
}
