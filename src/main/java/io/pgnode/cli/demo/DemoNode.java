package io.pgnode.cli.demo;

import io.pgnode.guard.RunFiles;
import io.pgnode.model.HostPort;
import io.pgnode.model.MemberName;
import java.nio.file.Path;
import java.util.List;

/**
 * A node of the demo cluster. Its ports are the standard ones plus ten thousand times its number.
 *
 * @param number from 1
 * @param directory holds everything of this node
 */
public record DemoNode(int number, Path directory) {
    /** With six nodes, 68008 would be no port any more. */
    public static final int MAX_NUMBER = 5;

    public static final String CLUSTER = "demo";
    static final String HOST = "127.0.0.1";
    private static final int STEP = 10_000;
    private static final int POSTGRES_PORT = 5432;
    private static final int REST_PORT = 8008;
    private static final int PRIMARY_PORT = 5433;
    private static final int REPLICA_PORT = 5434;
    private static final int DEFAULT_PORT = 5436;
    private static final int OFFLINE_PORT = 5438;
    private static final int STATS_PORT = 9101;
    private static final int POOLER_PORT = 6432;

    public DemoNode {
        if (number < 1 || number > MAX_NUMBER) {
            throw new IllegalArgumentException(
                    "number of a demo node must be 1.." + MAX_NUMBER + ", was " + number);
        }
    }

    public MemberName name() {
        return new MemberName(CLUSTER + "-" + number);
    }

    public HostPort postgres() {
        return at(POSTGRES_PORT);
    }

    public HostPort rest() {
        return at(REST_PORT);
    }

    /** The gateway's statistics. */
    public HostPort stats() {
        return at(STATS_PORT);
    }

    /** Everything the node listens on. */
    public List<HostPort> listeners() {
        return List.of(
                postgres(),
                rest(),
                at(PRIMARY_PORT),
                at(REPLICA_PORT),
                at(DEFAULT_PORT),
                at(OFFLINE_PORT),
                at(POOLER_PORT),
                stats());
    }

    private HostPort at(int standardPort) {
        return new HostPort(HOST, number * STEP + standardPort);
    }

    public Path configFile() {
        return directory.resolve("pgnode.yml");
    }

    public Path log() {
        return directory.resolve("pgnode.log");
    }

    public Path dataDirectory() {
        return directory.resolve("data");
    }

    public RunFiles runFiles() {
        return new RunFiles(directory.resolve("run"));
    }

    /**
     * The configuration. Everybody on this machine may connect without a password, which is why
     * everything listens on the loopback interface only.
     *
     * @param dcs the demo's store
     * @param synchronous whether commits wait for a standby
     */
    String config(HostPort dcs, boolean synchronous) {
        return """
        # A node of "pgnode demo". Real clusters need passwords and a real etcd.
        cluster: %s
        seq: %d
        address: %s
        run-dir: %s
        dcs:
          type: etcd
          endpoints: ["%s"]
        ha:
          preset: fast
        postgresql:
          data-dir: %s
          listen: %s
          port: %d
          socket-dir: %s
          superuser: {username: postgres, password: demo}
          replication: {username: replicator, password: demo}
          rewind: {username: rewinder, password: demo}
          parameters: {shared_buffers: 32MB}
          pg-hba:
            - local all all trust
            - host all all 127.0.0.1/32 trust
            - host replication all 127.0.0.1/32 trust
        rest:
          listen: %s
          port: %d
        services:
          primary: {bind: ["%s"]}
          replica: {bind: ["%s"]}
          default: {bind: ["%s"]}
          offline: {bind: ["%s"]}
        gateway:
          stats:
            listen: %s
            port: %d
        pooler:
          listen: %s
          port: %d
          hba:
            - local all all trust
            - host all all 127.0.0.1/32 trust
        bootstrap:
          dcs:
            synchronous_mode: %s
        """
                .formatted(
                        CLUSTER,
                        number,
                        HOST,
                        runFiles().directory(),
                        dcs,
                        dataDirectory(),
                        HOST,
                        postgres().port(),
                        runFiles().directory(),
                        HOST,
                        rest().port(),
                        at(PRIMARY_PORT),
                        at(REPLICA_PORT),
                        at(DEFAULT_PORT),
                        at(OFFLINE_PORT),
                        HOST,
                        stats().port(),
                        HOST,
                        at(POOLER_PORT).port(),
                        synchronous);
    }
}
