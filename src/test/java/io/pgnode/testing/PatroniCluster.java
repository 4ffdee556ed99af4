package io.pgnode.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/** Debian's Patroni on etcd, for comparison. */
public final class PatroniCluster extends LocalCluster {
    private static final Path PROGRAM = Path.of("/usr/bin/patroni");
    private static final String SCOPE = "peer";

    /** Patroni's timing. */
    public enum Timing {
        /** What it does when nobody says anything. */
        DEFAULTS(30, 10, 10, 300),

        /** Defaults, but a crashed server is given up at once. */
        IMMEDIATE_FAILOVER(30, 10, 10, 0),

        /** The fastest that is recommended somewhere; it accepts no shorter lease. */
        FASTEST(20, 5, 5, 300);

        private final int ttl;
        private final int loopWait;
        private final int retryTimeout;
        private final int startTimeout;

        /** All in seconds; the last is how long a crashed server may take to come back. */
        Timing(int ttl, int loopWait, int retryTimeout, int startTimeout) {
            this.ttl = ttl;
            this.loopWait = loopWait;
            this.retryTimeout = retryTimeout;
            this.startTimeout = startTimeout;
        }
    }

    private final Timing timing;

    /** On loopback. */
    public PatroniCluster(int size, Timing timing) {
        this(Collections.nCopies(size, Place.LOOPBACK), Place.LOOPBACK, timing);
    }

    /** One node in each place. */
    public PatroniCluster(List<Place> places, Place etcdPlace, Timing timing) {
        super(places, etcdPlace);
        this.timing = timing;
    }

    public static boolean isInstalled() {
        return Files.isExecutable(PROGRAM);
    }

    @Override
    public String product() {
        return "patroni";
    }

    @Override
    public String memberName(int node) {
        return SCOPE + "-" + node(node).number();
    }

    @Override
    public String keyPrefix() {
        return "/service/" + SCOPE + "/";
    }

    @Override
    public void signalAgent(int node, Signal signal) {
        Process process = process(node);
        if (process != null) {
            signal.send(process.pid());
        }
    }

    @Override
    public void signalSupervisor(int node, Signal signal) {
        signalAgent(node, signal);
    }

    @Override
    List<String> command(Node node, Path configuration) {
        return List.of(PROGRAM.toString(), configuration.toString());
    }

    @Override
    String configuration(Node node) {
        return """
        scope: %s
        namespace: /service/
        name: %s
        restapi:
          listen: %s:%d
          connect_address: %s:%d
        etcd3:
          hosts: %s
        bootstrap:
          dcs:
            ttl: %d
            loop_wait: %d
            retry_timeout: %d
            master_start_timeout: %d
            maximum_lag_on_failover: 1048576
            postgresql:
              use_pg_rewind: true
              use_slots: true
              remove_data_directory_on_rewind_failure: true
              remove_data_directory_on_diverged_timelines: true
          initdb:
          - encoding: UTF8
          - data-checksums
        postgresql:
          listen: %s:%d
          connect_address: %s:%d
          data_dir: %s
          bin_dir: %s
          pgpass: %s
          authentication:
            superuser: {username: %s, password: %s}
            replication: {username: replicator, password: %s}
            rewind: {username: rewinder, password: %s}
          pg_hba:
          - local all all trust
          - host all all 0.0.0.0/0 scram-sha-256
          - host replication all 0.0.0.0/0 scram-sha-256
          parameters:
            unix_socket_directories: %s
            password_encryption: scram-sha-256
        """
                .formatted(
                        SCOPE,
                        SCOPE + "-" + node.number(),
                        node.place().address(),
                        node.apiPort(),
                        node.place().address(),
                        node.apiPort(),
                        etcd().endpoint(),
                        timing.ttl,
                        timing.loopWait,
                        timing.retryTimeout,
                        timing.startTimeout,
                        node.place().address(),
                        node.postgresPort(),
                        node.place().address(),
                        node.postgresPort(),
                        node.dataDir(),
                        postgresBinaries(),
                        node.directory().resolve("pgpass"),
                        SUPERUSER,
                        PASSWORD,
                        PASSWORD,
                        PASSWORD,
                        node.directory().resolve("run"));
    }
}
