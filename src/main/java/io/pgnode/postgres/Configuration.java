package io.pgnode.postgres;

import io.pgnode.model.HostPort;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.ServerParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the server should be configured to, and its way into the files.
 *
 * <p>Confined to the thread that acts on the instance.
 */
final class Configuration {
    private static final Logger LOG = Logger.getLogger(Configuration.class);

    /** The server names all that it refuses at once, but may stop at the command line first. */
    private static final int CHECK_ROUNDS = 4;

    private static final List<String> TARGETS =
            List.of(
                    "recovery_target",
                    "recovery_target_lsn",
                    "recovery_target_name",
                    "recovery_target_time",
                    "recovery_target_xid");

    private static final List<String> ARCHIVING =
            List.of("archive_mode", "archive_command", "archive_library");

    private final Supplier<PostgresSettings> settings;
    private final ConfigFiles files;
    private final ConnStrings connStrings;
    private final ParameterCheck check;
    private final Map<String, String> refused = new ConcurrentHashMap<>();

    private volatile Map<String, String> clusterParameters = Map.of();
    private Map<String, String> ignored = Map.of();
    private String foreignArchiving = "";
    private List<String> clusterHba = List.of();
    private List<String> clusterIdent = List.of();
    private @Nullable Upstream upstream;
    private boolean isReadOnly;

    /** Null but for a recovery of a new cluster. */
    private @Nullable Map<String, String> recovery;

    /** Null while the agent does not manage it; then the parameter lists may set it. */
    private volatile @Nullable String syncNames;

    /** What the files say now; read by the observation. */
    private volatile ServerParameters current;

    Configuration(
            Supplier<PostgresSettings> settings,
            ConfigFiles files,
            ConnStrings connStrings,
            ParameterCheck check) {
        this.settings = settings;
        this.check = check;
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
        refused.clear();
        Map<String, String> now =
                ServerParameters.ignored(clusterParameters, settings.get().parameters());
        if (!now.equals(ignored)) {
            ignored = now;
            now.forEach((name, why) -> LOG.warnf("parameter has no effect name=%s: %s", name, why));
        }
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

    /**
     * Recovery settings of a new cluster, which end with its recovery.
     *
     * @param settings empty to leave those alone that somebody wrote into the files; null when
     *     there is no such recovery
     */
    void recovery(@Nullable Map<String, String> settings) {
        recovery = settings;
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
        try {
            files.keepBase();
            String text = text(standbyOf);
            for (int round = 0; round < CHECK_ROUNDS && !files.isPostgresqlConf(text); round++) {
                SortedMap<String, String> found = check.refused(text, current.arguments());
                found.keySet().removeAll(refused.keySet());
                if (found.isEmpty()) {
                    break;
                }
                found.forEach(
                        (name, why) ->
                                LOG.errorf("parameter is left out name=%s error=%s", name, why));
                refused.putAll(found);
                text = text(standbyOf);
            }
            boolean changed = files.writePostgresqlConf(text);
            List<String> localHba = settings.get().pgHba();
            List<String> localIdent = settings.get().pgIdent();
            changed |=
                    files.writeAccessFiles(
                            localHba.isEmpty() ? clusterHba : localHba,
                            localIdent.isEmpty() ? clusterIdent : localIdent);
            return changed;
        } catch (IllegalArgumentException e) {
            throw new PostgresException(
                    "cannot write " + files.postgresqlConf() + ": " + e.getMessage(), e);
        }
    }

    private String text(@Nullable ControlData standbyOf) {
        current = parameters(standbyOf);
        Map<String, String> file = new LinkedHashMap<>(current.file());
        Map<String, String> managed = managed(standbyOf != null);
        file.keySet().removeAll(managed.keySet());
        return files.postgresqlConf(file, managed);
    }

    private ServerParameters parameters(@Nullable ControlData standbyOf) {
        return ServerParameters.of(
                settings.get().listen(),
                withoutRefused(withArchiving(clusterParameters)),
                withoutRefused(settings.get().parameters()),
                standbyOf);
    }

    /** What an operator says of archiving counts, here or for the cluster. */
    private Map<String, String> withArchiving(Map<String, String> cluster) {
        String command = settings.get().archiveCommand();
        if (command.isEmpty()) {
            return cluster;
        }
        Map<String, String> all = new LinkedHashMap<>(cluster);
        Map<String, String> theirs = new LinkedHashMap<>(cluster);
        theirs.putAll(settings.get().parameters());
        String other =
                String.join(
                        " and ",
                        ARCHIVING.stream()
                                .filter(name -> !theirs.getOrDefault(name, "").isEmpty())
                                .filter(name -> isTheirOwn(name, theirs.getOrDefault(name, "")))
                                .toList());
        if (!other.equals(foreignArchiving)) {
            foreignArchiving = other;
            if (!other.isEmpty()) {
                LOG.warnf(
                        "WAL may not go to backup.repositories: own %s is configured, remove it to"
                                + " archive with pgnode",
                        other);
            }
        }
        all.putIfAbsent("archive_mode", "on");
        if (theirs.getOrDefault("archive_library", "").isEmpty()) {
            all.putIfAbsent("archive_command", command);
        }
        return all;
    }

    /** What leads WAL to somewhere else than our command does. */
    private static boolean isTheirOwn(String name, String value) {
        return switch (name) {
            case "archive_mode" -> value.equalsIgnoreCase("off");
            default -> true;
        };
    }

    private Map<String, String> withoutRefused(Map<String, String> parameters) {
        Map<String, String> accepted = new LinkedHashMap<>(parameters);
        accepted.keySet().removeIf(name -> refused.containsKey(name.toLowerCase(Locale.ROOT)));
        return accepted;
    }

    /**
     * Configured parameters that have no effect, with the reasons: those that pgnode sets, and
     * those that the server does not take.
     */
    Map<String, String> refused() {
        Map<String, String> all =
                new LinkedHashMap<>(
                        ServerParameters.ignored(clusterParameters, settings.get().parameters()));
        all.putAll(refused);
        return Map.copyOf(all);
    }

    private Map<String, String> managed(boolean isStandby) {
        Map<String, String> managed = new LinkedHashMap<>();
        String restoreCommand = settings.get().restoreCommand();
        if (!restoreCommand.isEmpty()) {
            managed.put("restore_command", restoreCommand);
        }
        Map<String, String> recovering = recovery;
        if (recovering == null) {
            TARGETS.forEach(target -> managed.put(target, ""));
            managed.put("recovery_target_timeline", "latest");
        } else {
            // An empty target beside the one that is given counts as a second one.
            managed.putAll(recovering);
        }
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
}
