package io.pgnode.config;

import java.util.Map;
import java.util.Optional;

/** Keys of Patroni's file that have another name or place here, or no use any more. */
final class RenamedKeys {
    private static final String DYNAMIC = "it belongs to the DCS configuration: bootstrap.dcs.";

    private static final Map<String, String> EXPLANATIONS =
            Map.ofEntries(
                    Map.entry("scope", "Patroni's scope is called cluster here"),
                    Map.entry("restapi", "Patroni's restapi is called rest here"),
                    Map.entry("tags", "tags stand under ha.tags"),
                    Map.entry("watchdog", "the watchdog stands under ha.watchdog"),
                    Map.entry("etcd", "Patroni's etcd section is called dcs here"),
                    Map.entry("etcd3", "Patroni's etcd3 section is called dcs here"),
                    Map.entry("ctl", "remove it: the command line uses this file"),
                    Map.entry("consul", "only etcd is supported: dcs.type: etcd"),
                    Map.entry("zookeeper", "only etcd is supported: dcs.type: etcd"),
                    Map.entry("exhibitor", "only etcd is supported: dcs.type: etcd"),
                    Map.entry("kubernetes", "only etcd is supported: dcs.type: etcd"),
                    Map.entry("raft", "use dcs.type: embedded for a single node, else etcd"),
                    Map.entry("citus", "Citus is not supported"),
                    Map.entry("ttl", "the lease is ha.ttl here"),
                    Map.entry("loop_wait", "it is ha.loop-wait here"),
                    Map.entry("retry_timeout", "it is ha.retry-timeout here"),
                    Map.entry("preset", "presets are chosen by ha.preset"),
                    Map.entry("port", "ports are postgresql.port and rest.port"),
                    Map.entry("listen", "addresses are postgresql.listen and rest.listen"),
                    Map.entry("ha.ttl_seconds", "it is ha.ttl, such as 10s"),
                    Map.entry("dcs.hosts", "Patroni's hosts is called endpoints here"),
                    Map.entry("dcs.host", "Patroni's host is called endpoints here, a list"),
                    Map.entry("dcs.url", "give host:port under dcs.endpoints"),
                    Map.entry("dcs.protocol", "https is dcs.tls.enabled: true here"),
                    Map.entry("dcs.cacert", "it is dcs.tls.ca-file here"),
                    Map.entry("dcs.cert", "it is dcs.tls.cert-file here"),
                    Map.entry("dcs.key", "it is dcs.tls.key-file here"),
                    Map.entry("rest.certfile", "it is rest.tls.cert-file here"),
                    Map.entry("rest.keyfile", "it is rest.tls.key-file here"),
                    Map.entry("rest.cafile", "it is rest.tls.ca-file here"),
                    Map.entry("rest.cacert", "it is rest.tls.ca-file here"),
                    Map.entry("rest.verify_client", "it is rest.tls.verify-client here"),
                    Map.entry(
                            "rest.authentication",
                            "user and password are rest.username and" + " rest.password here"),
                    Map.entry(
                            "postgresql.authentication",
                            "its sections superuser, replication and rewind stand directly under"
                                    + " postgresql"),
                    Map.entry("postgresql.callbacks", "callbacks stand under ha.callbacks"),
                    Map.entry("postgresql.pre_promote", "it is ha.callbacks.pre-promote here"),
                    Map.entry("postgresql.before_stop", "it is ha.callbacks.before-stop here"),
                    Map.entry(
                            "postgresql.remove_data_directory_on_rewind_failure",
                            "it is ha.remove-data-directory-on-rewind-failure here"),
                    Map.entry(
                            "postgresql.remove_data_directory_on_diverged_timelines",
                            "it is ha.remove-data-directory-on-diverged-timelines here"),
                    Map.entry(
                            "postgresql.pg_ctl_timeout",
                            "it is postgresql.start-timeout and postgresql.stop-timeout here"),
                    Map.entry(
                            "postgresql.use_unix_socket",
                            "remove it: the unix socket is always used"),
                    Map.entry(
                            "postgresql.use_unix_socket_repl",
                            "remove it: the unix socket is always used"),
                    Map.entry("postgresql.pgpass", "remove it: the file is made in run-dir"),
                    Map.entry("postgresql.use_slots", DYNAMIC + "postgresql.use_slots"),
                    Map.entry(
                            "postgresql.recovery_conf",
                            "restore_command is postgresql.restore-command, the rest are"
                                    + " parameters"),
                    Map.entry(
                            "postgresql.pgbackrest", "it is postgresql.replica-methods.pgbackrest"),
                    Map.entry("bootstrap.pgbackrest", "it is bootstrap.methods.pgbackrest here"),
                    Map.entry("bootstrap.users", "remove it: create users with post-bootstrap"),
                    Map.entry("bootstrap.pg_hba", "it is postgresql.pg-hba here"),
                    Map.entry("bootstrap.post_init", "it is bootstrap.post-bootstrap here"),
                    Map.entry("log.dir", "it is log.file here, with the file's name"),
                    Map.entry("log.type", "it is log.format here: text or json"),
                    Map.entry("ha.synchronous_mode", DYNAMIC + "synchronous_mode"),
                    Map.entry("ha.maximum_lag_on_failover", DYNAMIC + "maximum_lag_on_failover"),
                    Map.entry("ha.failsafe_mode", DYNAMIC + "failsafe_mode"));

    private RenamedKeys() {}

    /**
     * @param key as it was written, with its sections
     */
    static Optional<String> explain(String key) {
        return Optional.ofNullable(EXPLANATIONS.get(key));
    }
}
