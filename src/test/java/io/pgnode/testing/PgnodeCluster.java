package io.pgnode.testing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The product: {@code pgnode run} on every node. */
public final class PgnodeCluster extends LocalCluster {
    private static final String CLUSTER = "it";

    /** Dynamic configuration under which no acknowledged commit may be lost. */
    public static final String SYNCHRONOUS = "{synchronous_mode: true}";

    /** Dynamic configuration as it is when nobody says anything. */
    public static final String ASYNCHRONOUS = "{}";

    private final String preset;
    private final String bootstrap;
    private final Map<String, Integer> gatewayPorts = new HashMap<>();
    private final List<String> javaOptions = new ArrayList<>();
    private boolean hasGateway;
    private @Nullable Path repository;
    private String replicaMethods = "";
    private String source = "";

    /**
     * On loopback.
     *
     * @param preset lan, fast, norm or wide
     * @param bootstrap the first dynamic configuration, YAML on one line
     */
    public PgnodeCluster(int size, String preset, String bootstrap) {
        this(Collections.nCopies(size, Place.LOOPBACK), Place.LOOPBACK, preset, bootstrap);
    }

    /** One node in each place. */
    public PgnodeCluster(List<Place> places, Place etcdPlace, String preset, String bootstrap) {
        super(places, etcdPlace);
        this.preset = preset;
        this.bootstrap = bootstrap;
    }

    /** Every node runs its gateway, each on ports of its own. Before {@link #start}. */
    public PgnodeCluster withGateways() {
        hasGateway = true;
        return this;
    }

    /**
     * Every node has this backup repository, and the first full backup is made at once. Before
     * {@link #start}.
     */
    public PgnodeCluster withRepository(Path directory) {
        repository = directory;
        return this;
    }

    /** How replicas are made, separated by commas. Before {@link #start}. */
    public PgnodeCluster withReplicaMethods(String methods) {
        replicaMethods = "  create-replica-methods: [" + methods + "]\n";
        return this;
    }

    /**
     * It begins with the backups of another cluster like this one, up to a restore point. Before
     * {@link #start}.
     *
     * @param directory that was given to the other's {@link #withRepository}
     */
    public PgnodeCluster withSource(Path directory, String restorePoint) {
        source =
                "  method: repository\n"
                        + "  source: {stanza: %s, repository: {path: %s/repo}, target-type: name, target: %s}\n"
                                .formatted(CLUSTER, directory, restorePoint);
        return this;
    }

    /** Runs a command of the product with a node's configuration, to its end. */
    public Outcome run(int node, Duration limit, String... arguments) {
        List<String> words = new ArrayList<>(Runner.command());
        words.addAll(List.of(arguments));
        words.addAll(List.of("-c", configurationFile(node).toString()));
        return Outcome.of(words, limit);
    }

    /** Where the configuration of a node is. */
    public Path configurationFile(int node) {
        return node(node).directory().resolve("node.yml");
    }

    /** Every process of a node runs with this option of Java, too. Before {@link #start}. */
    public PgnodeCluster withJavaOption(String option) {
        javaOptions.add(option);
        return this;
    }

    /** The port on a node that takes the place of a gateway's standard one, such as 5433. */
    public int gatewayPort(int node, int standardPort) {
        return gatewayPorts.computeIfAbsent(node + "/" + standardPort, key -> FreePorts.next());
    }

    /** JDBC address of a service on a node's gateway, with a superuser's name and password. */
    public String serviceUrl(int node, int standardPort) {
        return "jdbc:postgresql://"
                + place(node).address()
                + ":"
                + gatewayPort(node, standardPort)
                + "/postgres?sslmode=disable&connectTimeout=10&socketTimeout=60&user="
                + SUPERUSER
                + "&password="
                + PASSWORD;
    }

    /** The gateway of a node, if it runs. */
    public Optional<OsProcess> gateway(int node) {
        return OsProcess.fromLockFile(runDirectory(node(node)).resolve("gateway.lock"));
    }

    @Override
    public String product() {
        return "pgnode";
    }

    @Override
    public String memberName(int node) {
        return CLUSTER + "-" + node(node).number();
    }

    @Override
    public String keyPrefix() {
        return "/service/" + CLUSTER + "/";
    }

    /** Also, where commits wait for a standby, that there is one to wait for. */
    @Override
    boolean isHealthy() {
        return super.isHealthy()
                && (!bootstrap.equals(SYNCHRONOUS)
                        || members().stream().anyMatch(ClusterMember::isSynchronous));
    }

    @Override
    public void signalAgent(int node, Signal signal) {
        signalHolder(node, "agent.lock", signal);
    }

    @Override
    public void signalSupervisor(int node, Signal signal) {
        signalHolder(node, "supervisor.lock", signal);
    }

    /** The agent of a node, if it runs. */
    public Optional<OsProcess> agent(int node) {
        return OsProcess.fromLockFile(runDirectory(node(node)).resolve("agent.lock"));
    }

    /** The supervisor of a node, if it runs. */
    public Optional<OsProcess> supervisor(int node) {
        return OsProcess.fromLockFile(runDirectory(node(node)).resolve("supervisor.lock"));
    }

    private void signalHolder(int node, String lockFile, Signal signal) {
        OsProcess.fromLockFile(runDirectory(node(node)).resolve(lockFile))
                .orElseThrow(
                        () ->
                                new AssertionError(
                                        "nobody holds "
                                                + lockFile
                                                + " of "
                                                + memberName(node)
                                                + "\n"
                                                + diagnostics()))
                .signal(signal);
    }

    @Override
    List<String> command(Node node, Path configuration) {
        var command = new ArrayList<>(Runner.command());
        command.addAll(1, javaOptions);
        command.addAll(List.of("run", "-c", configuration.toString()));
        return command;
    }

    @Override
    String configuration(Node node) {
        return """
        cluster: %s
        seq: %d
        address: %s
        namespace: /service/
        run-dir: %s
        dcs:
          type: etcd
          endpoints: [%s]
        ha:
          preset: %s
          watchdog:
            mode: off
          remove-data-directory-on-rewind-failure: true
          remove-data-directory-on-diverged-timelines: true
        postgresql:
          bin-dir: %s
          data-dir: %s
          listen: %s
          port: %d
          socket-dir: %s
          superuser: {username: %s, password: %s}
          replication: {username: replicator, password: %s}
          rewind: {username: rewinder, password: %s}
          pg-hba:
          - local all all trust
          - host all all 0.0.0.0/0 scram-sha-256
          - host replication all 0.0.0.0/0 scram-sha-256
        %sbootstrap:
        %s  dcs: %s
        rest:
          listen: %s
          port: %d
        %s"""
                .formatted(
                        CLUSTER,
                        node.number(),
                        node.place().address(),
                        runDirectory(node),
                        etcd().endpoint(),
                        preset,
                        postgresBinaries(),
                        node.dataDir(),
                        node.place().address(),
                        node.postgresPort(),
                        runDirectory(node),
                        SUPERUSER,
                        PASSWORD,
                        PASSWORD,
                        PASSWORD,
                        replicaMethods,
                        source,
                        bootstrap,
                        node.place().address(),
                        node.apiPort(),
                        gatewayConfiguration(node) + backupConfiguration());
    }

    private String backupConfiguration() {
        return repository == null
                ? ""
                : """
                backup:
                  lock-path: %1$s/lock
                  repositories:
                    1: {path: %1$s/repo}
                  schedule: {place: primary, jitter: 0s}
                """
                        .formatted(repository);
    }

    private String gatewayConfiguration(Node node) {
        if (!hasGateway) {
            return "gateway: {enabled: false}\n";
        }
        int number = node.number() - 1;
        String address = node.place().address();
        return """
        services:
          primary: {bind: ["%1$s:%2$d"]}
          replica: {bind: ["%1$s:%3$d"]}
          default: {bind: ["%1$s:%4$d"]}
          offline: {bind: ["%1$s:%5$d"]}
        gateway:
          stats: {listen: %1$s, port: %6$d}
        pooler: {listen: %1$s, port: %7$d}
        """
                .formatted(
                        address,
                        gatewayPort(number, 5433),
                        gatewayPort(number, 5434),
                        gatewayPort(number, 5436),
                        gatewayPort(number, 5438),
                        gatewayPort(number, 9101),
                        gatewayPort(number, 6432));
    }

    private static Path runDirectory(Node node) {
        return node.directory().resolve("run");
    }
}
