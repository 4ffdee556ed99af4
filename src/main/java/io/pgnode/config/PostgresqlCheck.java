package io.pgnode.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The local instance: directories, port, users, parameters, ways to make a replica. */
final class PostgresqlCheck {
    /** {@code /.s.PGSQL.65535} and the final zero byte must fit into 108 bytes. */
    private static final int MAX_SOCKET_DIR = 93;

    /** Parameters with a key of their own, or whose value is not a choice. */
    private static final Map<String, String> OURS =
            Map.of(
                    "listen_addresses", "use postgresql.listen",
                    "port", "use postgresql.port",
                    "unix_socket_directories", "use postgresql.socket-dir",
                    "data_directory", "use postgresql.data-dir",
                    "cluster_name", "it is always the cluster's name",
                    "hot_standby", "it is always on",
                    "primary_conninfo", "pgnode follows the leader by itself",
                    "primary_slot_name", "pgnode manages slots by itself",
                    "synchronous_standby_names", "use synchronous_mode in the DCS configuration",
                    "restore_command", "use postgresql.restore-command");

    /** Parameters that must agree in the whole cluster. */
    private static final Map<String, String> CLUSTER_WIDE =
            Map.of(
                    "max_connections", "",
                    "max_wal_senders", "",
                    "max_worker_processes", "",
                    "max_prepared_transactions", "",
                    "max_locks_per_transaction", "",
                    "max_replication_slots", "",
                    "wal_level", "",
                    "wal_log_hints", "",
                    "track_commit_timestamp", "");

    private static final Set<String> BUILT_IN_METHODS = Set.of("basebackup", "repository");

    private PostgresqlCheck() {}

    static void run(PostgresqlConfig postgresql, boolean hasRepository, Findings findings) {
        directories(postgresql, findings);
        port("postgresql.port", postgresql.port(), findings);
        if (postgresql.listen().isBlank()) {
            findings.add("postgresql.listen", "postgresql.listen is blank", "");
        }
        connectAddress(
                "postgresql.connect-address",
                postgresql.connectAddress().map(address -> address.host()).orElse(""),
                findings);
        users(postgresql, findings);
        postgresql.parameters().keySet().forEach(name -> parameter(name, findings));
        replicaMethods(postgresql, hasRepository, findings);
        positive("postgresql.start-timeout", postgresql.startTimeout(), findings);
        positive("postgresql.stop-timeout", postgresql.stopTimeout(), findings);
        postgresql
                .keepRenamedDirectories()
                .ifPresent(
                        keep -> {
                            if (keep < 1) {
                                findings.add(
                                        "postgresql.keep-renamed-directories",
                                        "postgresql.keep-renamed-directories is "
                                                + keep
                                                + ", must be at least 1",
                                        "leave it away to delete nothing");
                            }
                        });
    }

    private static void directories(PostgresqlConfig postgresql, Findings findings) {
        Path dataDir = postgresql.dataDir();
        if (FileCheck.absolute("postgresql.data-dir", dataDir, findings)
                && dataDir.normalize().getNameCount() == 0) {
            findings.add("postgresql.data-dir", "postgresql.data-dir is the root directory", "");
        }
        postgresql
                .binDir()
                .ifPresent(
                        dir -> {
                            if (!Files.isExecutable(dir.resolve("postgres"))) {
                                findings.add(
                                        "postgresql.bin-dir",
                                        "postgresql.bin-dir is "
                                                + dir
                                                + ", which has no program postgres",
                                        "give the directory of postgres, initdb and pg_ctl, such"
                                                + " as /usr/lib/postgresql/17/bin");
                            }
                        });
        postgresql
                .walDir()
                .ifPresent(
                        dir -> {
                            if (FileCheck.absolute("postgresql.wal-dir", dir, findings)
                                    && dir.normalize().startsWith(dataDir.normalize())) {
                                findings.add(
                                        "postgresql.wal-dir",
                                        "postgresql.wal-dir is " + dir + ", inside data-dir",
                                        "leave it away, or give a directory of its own");
                            }
                        });
        if (FileCheck.absolute("postgresql.socket-dir", postgresql.socketDir(), findings)
                && postgresql.socketDir().toString().length() > MAX_SOCKET_DIR) {
            findings.add(
                    "postgresql.socket-dir",
                    "postgresql.socket-dir is too long for unix sockets, must be at most "
                            + MAX_SOCKET_DIR
                            + " characters",
                    "");
        }
        postgresql
                .logFile()
                .ifPresent(file -> FileCheck.absolute("postgresql.log-file", file, findings));
        postgresql
                .customConf()
                .ifPresent(file -> FileCheck.readable("postgresql.custom-conf", file, findings));
    }

    static void port(String key, int port, Findings findings) {
        if (port < 1 || port > 65535) {
            findings.add(key, key + " is " + port + ", must be 1..65535", "");
        }
    }

    static void connectAddress(String key, String host, Findings findings) {
        if (IdentityCheck.isWildcard(host)) {
            findings.add(key, key + " is " + host + ", which other hosts cannot connect to", "");
        }
    }

    private static void users(PostgresqlConfig postgresql, Findings findings) {
        PasswordCheck.run("postgresql.superuser", postgresql.superuser(), findings);
        PasswordCheck.run("postgresql.replication", postgresql.replication(), findings);
        PasswordCheck.run("postgresql.rewind", postgresql.rewind(), findings);
        if (postgresql.superuser().username().equals(postgresql.replication().username())) {
            findings.add(
                    "postgresql.replication.username",
                    "postgresql.replication.username is the superuser's",
                    "give replication a role of its own");
        }
        postgresql
                .replication()
                .sslrootcert()
                .ifPresent(
                        file ->
                                FileCheck.readable(
                                        "postgresql.replication.sslrootcert", file, findings));
    }

    /**
     * Parameters of the first dynamic configuration that would have no effect. {@code hot_standby}
     * may be on, as it always is, because Patroni's configurations say so; {@code
     * synchronous_standby_names} counts there while synchronous_mode is off.
     */
    static void dynamicParameters(JsonNode dynamic, Findings findings) {
        dynamic.path("postgresql")
                .path("parameters")
                .properties()
                .forEach(
                        entry -> {
                            String ours = OURS.get(entry.getKey().toLowerCase(Locale.ROOT));
                            boolean isOn = entry.getValue().asText().matches("(?i)on|true|yes|1");
                            boolean isAsItIs = entry.getKey().equals("hot_standby") && isOn;
                            if (ours != null
                                    && !isAsItIs
                                    && !entry.getValue().isNull()
                                    && !entry.getKey().equals("synchronous_standby_names")) {
                                findings.add(
                                        "bootstrap.dcs",
                                        "bootstrap.dcs: parameter "
                                                + entry.getKey()
                                                + " has no effect",
                                        ours);
                            }
                        });
    }

    private static void parameter(String name, Findings findings) {
        String key = "postgresql.parameters." + Names.quoted(name);
        String lower = name.toLowerCase(Locale.ROOT);
        String ours = OURS.get(lower);
        if (ours != null) {
            findings.add(key, "parameter " + name + " cannot be set here", ours);
        } else if (CLUSTER_WIDE.containsKey(lower)) {
            findings.add(
                    key,
                    "parameter "
                            + name
                            + " must be the same on all members, so it has no effect"
                            + " here",
                    "set it under bootstrap.dcs.postgresql.parameters before the first start,"
                            + " afterwards with pgnode edit-config");
        } else if (!Names.isParameter(name)) {
            findings.add(key, "\"" + name + "\" is no name of a parameter", "");
        }
    }

    private static void replicaMethods(
            PostgresqlConfig postgresql, boolean hasRepository, Findings findings) {
        for (String method : postgresql.createReplicaMethods().orElse(List.of())) {
            if (method.equals("repository")
                    && !hasRepository
                    && !postgresql.replicaMethods().containsKey(method)) {
                findings.add(
                        "postgresql.create-replica-methods",
                        "postgresql.create-replica-methods has repository, but there is none",
                        "add backup.repositories.1, or leave repository away");
            } else if (!BUILT_IN_METHODS.contains(method)
                    && !postgresql.replicaMethods().containsKey(method)) {
                findings.add(
                        "postgresql.create-replica-methods",
                        "postgresql.create-replica-methods has " + method + ", which is not known",
                        "describe it under postgresql.replica-methods." + Names.quoted(method));
            }
        }
        postgresql
                .replicaMethods()
                .forEach(
                        (name, method) -> {
                            String key =
                                    "postgresql.replica-methods." + Names.quoted(name) + ".command";
                            if (method.command().isEmpty()) {
                                findings.add(key, key + " is missing", "");
                            } else {
                                FileCheck.program(key, method.command().get(), findings);
                            }
                        });
    }

    private static void positive(String key, Duration duration, Findings findings) {
        if (duration.isZero()) {
            findings.add(key, key + " is zero, must be more", "");
        }
    }
}
