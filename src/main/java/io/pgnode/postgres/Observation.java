package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.Divergence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts what files, process and the last probe tell into one view. */
record Observation(
        DataState data,
        ProcessState process,
        Optional<ControlData> control,
        boolean isStandby,
        @Nullable ServerFacts facts,
        int promotedTimeline) {

    InstanceView view(
            boolean answers,
            @Nullable HostPort upstream,
            Map<String, String> pendingRestart,
            long freeBytes,
            String walPath) {
        return facts == null
                ? fromFiles(upstream, freeBytes, walPath)
                : fromProbe(facts, answers, upstream, pendingRestart, freeBytes, walPath);
    }

    private InstanceView fromProbe(
            ServerFacts server,
            boolean answers,
            @Nullable HostPort upstream,
            Map<String, String> pendingRestart,
            long freeBytes,
            String walPath) {
        return new InstanceView(
                data,
                process,
                controlState(),
                systemId(),
                server.serverVersion(),
                server.postmasterStartMillis(),
                answers,
                server.inRecovery(),
                server.timeline(),
                server.flushLsn(),
                server.receiveLsn(),
                server.replayLsn(),
                server.replayTimestampMillis(),
                checkpointLsn(),
                checkpointTimeline(),
                promotedTimeline,
                server.replayPaused(),
                server.upstream() == null ? upstream : server.upstream(),
                server.streaming(),
                server.replication(),
                server.slots(),
                server.synchronousStandbyNames(),
                pendingRestart,
                freeBytes,
                walPath);
    }

    /** Without an answer yet, positions are what pg_control guarantees. */
    private InstanceView fromFiles(@Nullable HostPort upstream, long freeBytes, String walPath) {
        Optional<Divergence.Local> local = control.map(Divergence.Local::of);
        Lsn position = local.map(Divergence.Local::position).orElse(Lsn.NONE);
        return new InstanceView(
                data,
                process,
                controlState(),
                systemId(),
                0,
                0,
                false,
                isStandby,
                local.map(Divergence.Local::timeline).orElse(0),
                position,
                position,
                position,
                0,
                checkpointLsn(),
                checkpointTimeline(),
                promotedTimeline,
                false,
                upstream,
                false,
                List.of(),
                Set.of(),
                "",
                Map.of(),
                freeBytes,
                walPath);
    }

    private ControlState controlState() {
        return control.map(ControlData::state).orElse(ControlState.UNKNOWN);
    }

    private String systemId() {
        return control.map(ControlData::systemId).orElse("");
    }

    private Lsn checkpointLsn() {
        return control.map(ControlData::checkpoint).orElse(Lsn.NONE);
    }

    private int checkpointTimeline() {
        return control.map(ControlData::timeline).orElse(0);
    }
}
