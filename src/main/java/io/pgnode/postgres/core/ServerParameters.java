package io.pgnode.postgres.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings a server runs with: {@code argv} on its command line, where nothing overrides them,
 * and {@code file} in the generated postgresql.conf.
 *
 * <p>Precedence is Patroni's: the dynamic configuration, then the local one above it. But what must
 * be equal on all members ({@link #CLUSTER_WIDE}) comes from the dynamic configuration alone, and
 * where a member listens comes from its own settings alone.
 */
public record ServerParameters(SortedMap<String, String> argv, SortedMap<String, String> file) {
    /** Defaults and lower bounds of what must be equal on all members. */
    private record Bound(String defaultValue, int minimum) {}

    private static final Map<String, Bound> CLUSTER_WIDE = clusterWide();

    /** A standby must have at least the primary's values of these, or its replay stops. */
    private static final List<String> STANDBY_MINIMUMS =
            List.of(
                    "max_connections",
                    "max_worker_processes",
                    "max_wal_senders",
                    "max_prepared_transactions",
                    "max_locks_per_transaction");

    /** What a member's own settings say. */
    private static final List<String> LISTEN =
            List.of("listen_addresses", "port", "unix_socket_directories", "cluster_name");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.$]*");

    /** Ours alone: recovery is decided by the agent, not by a parameter list. */
    private static final List<String> NEVER_FROM_CONFIG =
            List.of(
                    "primary_conninfo",
                    "primary_slot_name",
                    "recovery_target",
                    "recovery_target_lsn",
                    "recovery_target_name",
                    "recovery_target_time",
                    "recovery_target_timeline",
                    "recovery_target_xid",
                    "recovery_target_action",
                    "recovery_target_inclusive",
                    "promote_trigger_file",
                    "restore_command",
                    "config_file",
                    "data_directory",
                    "hot_standby");

    /**
     * Why 100 ms: a promotion that arrives while the WAL receiver dies is otherwise seen only after
     * a sleep of five seconds. Why 1 s: a reply that a reconnecting synchronous standby sends while
     * the primary still counts it as catching up releases no commit, and without new WAL the next
     * reply comes only after this interval; 10 s by default. Why 10 s: commits wait for a
     * synchronous standby behind a silently cut network until the primary gives its connection up;
     * 60 s by default.
     */
    private static final Map<String, String> FILE_DEFAULTS =
            Map.of(
                    "wal_keep_size",
                    "128MB",
                    "wal_retrieve_retry_interval",
                    "100ms",
                    "wal_receiver_status_interval",
                    "1s",
                    "wal_sender_timeout",
                    "10s");

    /**
     * Where this member listens.
     *
     * @param clusterName the scope
     * @param socketDirs value of unix_socket_directories
     */
    public record Listen(String addresses, int port, String socketDirs, String clusterName) {}

    public ServerParameters {
        argv = Collections.unmodifiableSortedMap(new TreeMap<>(argv));
        file = Collections.unmodifiableSortedMap(new TreeMap<>(file));
    }

    /**
     * @param standbyOf pg_control of an instance that starts as a standby: its values, which the
     *     primary wrote there, are lower bounds; null for a primary
     */
    public static ServerParameters of(
            Listen listen,
            Map<String, String> dynamic,
            Map<String, String> local,
            @Nullable ControlData standbyOf) {
        Map<String, String> cluster = lowerCase(dynamic);
        SortedMap<String, String> file = new TreeMap<>(FILE_DEFAULTS);
        file.putAll(cluster);
        file.putAll(lowerCase(local));
        file.keySet().removeAll(CLUSTER_WIDE.keySet());
        file.keySet().removeAll(NEVER_FROM_CONFIG);
        SortedMap<String, String> argv = new TreeMap<>();
        CLUSTER_WIDE.forEach((name, bound) -> argv.put(name, bounded(name, bound, cluster)));
        if (standbyOf != null) {
            for (String name : STANDBY_MINIMUMS) {
                argv.merge(
                        name, String.valueOf(minimum(name, standbyOf)), ServerParameters::larger);
            }
        }
        argv.put("hot_standby", "on");
        argv.put("listen_addresses", listen.addresses());
        argv.put("port", String.valueOf(listen.port()));
        argv.put("unix_socket_directories", listen.socketDirs());
        argv.put("cluster_name", listen.clusterName());
        file.keySet().removeAll(argv.keySet());
        return new ServerParameters(argv, file);
    }

    /** {@code --name=value} for each forced setting. */
    public List<String> arguments() {
        return argv.entrySet().stream().map(e -> "--" + e.getKey() + "=" + e.getValue()).toList();
    }

    /**
     * Whether all members must have the same value, so that a local configuration cannot set it.
     */
    public static boolean isClusterWide(String name) {
        return CLUSTER_WIDE.containsKey(name.toLowerCase(Locale.ROOT));
    }

    /** Whether a configured value of this parameter is ignored because the agent decides it. */
    public static boolean isReserved(String name) {
        return NEVER_FROM_CONFIG.contains(name.toLowerCase(Locale.ROOT));
    }

    /**
     * Compares what a running server has with what it should have, for the forced settings, which
     * the server itself never reports as pending.
     *
     * @param running current values by name; names that are not forced are ignored
     * @return "old -> new" by name
     */
    public SortedMap<String, String> pendingFrom(Map<String, String> running) {
        SortedMap<String, String> pending = new TreeMap<>();
        argv.forEach(
                (name, wanted) -> {
                    String current = running.get(name);
                    if (current != null && !isSame(current, wanted)) {
                        pending.put(name, current + " -> " + wanted);
                    }
                });
        return pending;
    }

    private static boolean isSame(String current, String wanted) {
        return canonical(current).equals(canonical(wanted));
    }

    private static String canonical(String value) {
        String lower = value.strip().toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "true", "yes", "1", "on" -> "on";
            case "false", "no", "0", "off" -> "off";
            case "hot_standby", "archive" -> "replica";
            default -> lower;
        };
    }

    private static String bounded(String name, Bound bound, Map<String, String> cluster) {
        String value = cluster.getOrDefault(name, bound.defaultValue()).strip();
        if (name.equals("wal_level")) {
            return value.equals("logical") ? value : bound.defaultValue();
        }
        if (bound.minimum() < 0) {
            return value;
        }
        return parsed(value) >= bound.minimum() ? value : bound.defaultValue();
    }

    private static int minimum(String name, ControlData control) {
        return switch (name) {
            case "max_connections" -> control.maxConnections();
            case "max_worker_processes" -> control.maxWorkerProcesses();
            case "max_wal_senders" -> control.maxWalSenders();
            case "max_prepared_transactions" -> control.maxPreparedXacts();
            case "max_locks_per_transaction" -> control.maxLocksPerXact();
            default -> 0;
        };
    }

    private static String larger(String a, String b) {
        return parsed(a) >= parsed(b) ? a : b;
    }

    private static int parsed(String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** In lower case, without what could not even be written into a file. */
    private static Map<String, String> lowerCase(Map<String, String> parameters) {
        Map<String, String> result = new LinkedHashMap<>();
        parameters.forEach(
                (name, value) -> {
                    if (unwritable(name, value).isEmpty()) {
                        result.put(name.toLowerCase(Locale.ROOT), value);
                    }
                });
        return result;
    }

    /** Why the setting cannot stand in a configuration file; empty when it can. */
    private static String unwritable(String name, String value) {
        if (!NAME.matcher(name).matches()) {
            return "that is no name of a parameter";
        }
        return value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0
                ? "its value is not one line"
                : "";
    }

    /**
     * Configured settings that {@link #of} leaves out or replaces, each with the reason.
     *
     * @param dynamic of the cluster
     * @param local of the member
     */
    public static SortedMap<String, String> ignored(
            Map<String, String> dynamic, Map<String, String> local) {
        SortedMap<String, String> ignored = new TreeMap<>();
        dynamic.forEach(
                (name, value) -> {
                    String why = whyIgnored(name, value);
                    if (!why.isEmpty()) {
                        ignored.put(name, why);
                    }
                });
        local.forEach(
                (name, value) -> {
                    String why =
                            isClusterWide(name)
                                    ? "it must be the same on all members: set it in the cluster's"
                                            + " configuration"
                                    : whyIgnored(name, value);
                    if (!why.isEmpty()) {
                        ignored.put(name, why);
                    }
                });
        return ignored;
    }

    private static String whyIgnored(String name, String value) {
        String unwritable = unwritable(name, value);
        if (!unwritable.isEmpty()) {
            return unwritable;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        Bound bound = CLUSTER_WIDE.get(lower);
        if (bound != null) {
            return whyReplaced(lower, bound, value);
        }
        if (lower.equals("hot_standby")) {
            return canonical(value).equals("on") ? "" : "it is always on";
        }
        if (LISTEN.contains(lower)) {
            return "each member sets its own";
        }
        return isReserved(lower) ? "pgnode sets it" : "";
    }

    private static String whyReplaced(String name, Bound bound, String value) {
        String used = bounded(name, bound, Map.of(name, value));
        if (isSame(used, value)) {
            return "";
        }
        String least = bound.minimum() < 0 ? "" : ", must be at least " + bound.minimum();
        return "it is " + value.strip() + least + "; " + used + " is used";
    }

    private static Map<String, Bound> clusterWide() {
        return Map.of(
                "max_connections", new Bound("100", 25),
                "max_locks_per_transaction", new Bound("64", 32),
                "max_prepared_transactions", new Bound("0", 0),
                "max_replication_slots", new Bound("10", 4),
                "max_wal_senders", new Bound("10", 3),
                "max_worker_processes", new Bound("8", 2),
                "track_commit_timestamp", new Bound("off", -1),
                "wal_level", new Bound("replica", -1),
                "wal_log_hints", new Bound("on", -1));
    }
}
