package io.pgnode.postgres;

import io.pgnode.model.HostPort;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.ServerParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server should be configured to, and its way into the files.
 *
 * <p>Confined to the thread that acts on the instance.
 */
final class Configuration {
    private static final List<String> TARGETS =
            List.of(
                    "recovery_target",
                    "recovery_target_lsn",
                    "recovery_target_name",
                    "recovery_target_time",
                    "recovery_target_xid");

    private final PostgresSettings settings;
    private final ConfigFiles files;
    private final ConnStrings connStrings;

    private Map<String, String> clusterParameters = Map.of();
    private List<String> clusterHba = List.of();
    private List<String> clusterIdent = List.of();
    private @Nullable Upstream upstream;
    private boolean isReadOnly;

    /** Null while the agent does not manage it; then the parameter lists may set it. */
    private volatile @Nullable String syncNames;

    /** What the files say now; read by the observation. */
    private volatile ServerParameters current;

    Configuration(PostgresSettings settings, ConfigFiles files, ConnStrings connStrings) {
        this.settings = settings;
        this.files = files;
        this.connStrings = connStrings;
        this.current = parameters(null);
        // A new agent must not undo what its predecessor promised to synchronous standbys, nor cut
        // a standby from its upstream.
        Map<String, String> generated = files.generated();
        this.syncNames = generated.get(ConfigFiles.SYNC_NAMES);
        this.upstream = upstreamIn(generated);
    }

    private static @Nullable Upstream upstreamIn(Map<String, String> generated) {
        String connInfo = generated.get("primary_conninfo");
        HostPort address = connInfo == null ? null : Prober.upstreamOf(connInfo);
        return address == null
                ? null
                : new Upstream(
                        address.toString(),
                        address,
                        generated.getOrDefault("primary_slot_name", ""));
    }

    /** The cluster's part, from the DCS. */
    void cluster(Map<String, String> parameters, List<String> hba, List<String> ident) {
        clusterParameters = Map.copyOf(parameters);
        clusterHba = List.copyOf(hba);
        clusterIdent = List.copyOf(ident);
    }

    void upstream(@Nullable Upstream upstream) {
        this.upstream = upstream;
    }

    /** New transactions of sessions that do not say otherwise only read. */
    void readOnly(boolean isReadOnly) {
        this.isReadOnly = isReadOnly;
    }

    @Nullable Upstream upstream() {
        return upstream;
    }

    void syncNames(@Nullable String names) {
        syncNames = names;
    }

    ServerParameters current() {
        return current;
    }

    /**
     * Writes all files.
     *
     * @param standbyOf pg_control of an instance that is a standby; null for a primary
     * @return whether a file changed, so that a running server must reload
     */
    boolean write(@Nullable ControlData standbyOf) throws PostgresException {
        current = parameters(standbyOf);
        Map<String, String> file = new LinkedHashMap<>(current.file());
        Map<String, String> managed = managed(standbyOf != null);
        file.keySet().removeAll(managed.keySet());
        try {
            boolean changed = files.writePostgresqlConf(file, managed);
            changed |= files.writeAccessFiles(clusterHba, clusterIdent);
            return changed;
        } catch (IllegalArgumentException e) {
            throw new PostgresException(
                    "cannot write " + files.postgresqlConf() + ": " + e.getMessage(), e);
        }
    }

    private ServerParameters parameters(@Nullable ControlData standbyOf) {
        return ServerParameters.of(
                settings.listen(), clusterParameters, settings.parameters(), standbyOf);
    }

    private Map<String, String> managed(boolean isStandby) {
        Map<String, String> managed = new LinkedHashMap<>();
        if (!settings.restoreCommand().isEmpty()) {
            managed.put("restore_command", settings.restoreCommand());
        }
        TARGETS.forEach(target -> managed.put(target, ""));
        managed.put("recovery_target_timeline", "latest");
        Upstream from = upstream;
        if (isStandby && from != null) {
            managed.put("primary_conninfo", connStrings.primaryConnInfo(from).toString());
            if (!from.slot().isEmpty()) {
                managed.put("primary_slot_name", from.slot());
            }
        }
        String names = syncNames;
        if (names != null) {
            managed.put(ConfigFiles.SYNC_NAMES, names);
        }
        if (isReadOnly) {
            managed.put("default_transaction_read_only", "on");
        }
        return managed;
    }

    /** Whether postgresql.conf was generated by an agent. */
    boolean isGenerated() {
        return !files.generated().isEmpty();
    }
}
