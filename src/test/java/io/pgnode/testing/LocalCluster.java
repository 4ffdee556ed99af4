package io.pgnode.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What both products have in common here: places, ports, files, Patroni's REST API, and PostgreSQL
 * itself.
 */
abstract class LocalCluster implements ClusterUnderTest {
    static final String SUPERUSER = "postgres";
    static final String PASSWORD = "secret-of-the-test";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LOG_LINES = 40;
    private static final Duration START = Duration.ofMinutes(2);

    /** One node's place, ports and directories. */
    record Node(int number, Place place, int postgresPort, int apiPort, Path directory) {
        Path dataDir() {
            return directory.resolve("mnt/data");
        }

        Path log() {
            return directory.resolve("log");
        }
    }

    private final Reaper reaper = new Reaper();
    private final Path base;
    private final EtcdProcess etcd;
    private final List<Node> nodes;
    private final @Nullable Process[] processes;

    /** Builds the directories and starts etcd; no node runs yet. */
    LocalCluster(List<Place> places, Place etcdPlace) {
        removeLeftovers();
        try {
            base = Files.createTempDirectory("pgnode-it-" + ProcessHandle.current().pid() + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reaper.atEnd(() -> deleteTree(base));
        reaper.atEnd(() -> OsProcess.killAllTouching(base));
        nodes =
                IntStream.range(0, places.size())
                        .mapToObj(
                                i ->
                                        new Node(
                                                i + 1,
                                                places.get(i),
                                                FreePorts.next(),
                                                FreePorts.next(),
                                                base.resolve("n" + (i + 1))))
                        .toList();
        processes = new Process[nodes.size()];
        etcd = new EtcdProcess(base.resolve("etcd"), etcdPlace);
        etcd.start();
    }

    /** The directory with the programs initdb, postgres, pg_ctl, … */
    static String postgresBinaries() {
        String configured = System.getProperty("pgnode.test.pg-bin", "");
        if (!configured.isEmpty()) {
            return configured;
        }
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                    .max(
                            Comparator.comparingInt(
                                    bin ->
                                            Integer.parseInt(
                                                    bin.getName(bin.getNameCount() - 2)
                                                            .toString())))
                    .map(Path::toString)
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "no PostgreSQL under /usr/lib/postgresql"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a node's data directory on a disk of its own, before its first start. */
    public SmallDisk mountSmallDisk(int node, int megabytes) throws IOException {
        SmallDisk disk = SmallDisk.mount(node(node).directory().resolve("mnt"), megabytes);
        reaper.atEnd(
                () -> {
                    OsProcess.killAllTouching(node(node).directory());
                    disk.unmount();
                });
        return disk;
    }

    /**
     * Writes on a stopped node's own server behind the cluster's back, as a primary does that
     * nobody stopped in time: its history diverges.
     */
    public void divergeStoppedNode(int node, String sql) throws IOException {
        Files.deleteIfExists(dataDir(node).resolve("standby.signal"));
        Files.deleteIfExists(dataDir(node).resolve("recovery.signal"));
        Path input = node(node).directory().resolve("diverge.sql");
        Files.writeString(input, sql + "\n");
        var single =
                new ProcessBuilder(
                                postgresBinaries() + "/postgres",
                                "--single",
                                "-c",
                                "synchronous_commit=local",
                                "-D",
                                dataDir(node).toString(),
                                "postgres")
                        .directory(node(node).directory().toFile())
                        .redirectInput(input.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(node(node).log().toFile()))
                        .start();
        Waiting.until(
                Duration.ofSeconds(60),
                () -> "single-user server ends\n" + diagnostics(),
                () -> !single.isAlive());
        if (single.exitValue() != 0) {
            throw new AssertionError(
                    "single-user server exited with " + single.exitValue() + "\n" + diagnostics());
        }
    }

    /**
     * Runs the node's command a second time and returns its exit code; fails when it does not end
     * by itself.
     */
    public int runSecondInstance(int node, Path log, Duration limit) throws IOException {
        Node of = node(node);
        Process second =
                new ProcessBuilder(
                                of.place().command(command(of, of.directory().resolve("node.yml"))))
                        .directory(of.directory().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            Waiting.until(
                    limit, () -> "second instance ends\n" + diagnostics(), () -> !second.isAlive());
            return second.exitValue();
        } finally {
            second.destroyForcibly();
        }
    }

    /** Deletes a stopped node's data directory. */
    public void deleteData(int node) throws IOException {
        deleteTree(dataDir(node));
    }

    /** Text of the configuration file. */
    abstract String configuration(Node node);

    /** The command that runs the node in the foreground. */
    abstract List<String> command(Node node, Path configuration);

    Node node(int node) {
        return nodes.get(node);
    }

    List<Node> nodes() {
        return nodes;
    }

    Path base() {
        return base;
    }

    @Nullable Process process(int node) {
        return processes[node];
    }

    @Override
    public int size() {
        return nodes.size();
    }

    @Override
    public void start() {
        IntStream.range(0, nodes.size()).forEach(this::startNode);
        Waiting.until(
                START,
                () -> "one primary and streaming standbys\n" + diagnostics(),
                () -> {
                    failIfOneHasEnded();
                    return isHealthy();
                });
    }

    private void failIfOneHasEnded() {
        for (int node = 0; node < nodes.size(); node++) {
            Process process = processes[node];
            if (process == null || !process.isAlive()) {
                throw new AssertionError(memberName(node) + " has ended\n" + diagnostics());
            }
        }
    }

    @Override
    public void startNode(int node) {
        Node started = node(node);
        Path file = started.directory().resolve("node.yml");
        try {
            Files.createDirectories(started.dataDir().getParent());
            Files.createDirectories(started.directory().resolve("run"));
            Files.writeString(file, configuration(started));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            processes[node] =
                    new ProcessBuilder(started.place().command(command(started, file)))
                            .directory(started.directory().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(started.log().toFile()))
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stopNode(int node) {
        Process process = processes[node];
        if (process == null) {
            return;
        }
        Signal.TERM.send(process.pid());
        Waiting.until(
                Duration.ofSeconds(60),
                () -> memberName(node) + " stops\n" + diagnostics(),
                () -> !process.isAlive());
        OsProcess.postmasterOf(dataDir(node)).ifPresent(server -> stopServer(node, server));
    }

    /** A product may leave its server running when it is stopped. */
    private void stopServer(int node, OsProcess server) {
        server.signal(Signal.INT);
        Waiting.until(
                Duration.ofSeconds(60),
                () -> "server of " + memberName(node) + " stops\n" + diagnostics(),
                () -> !server.isAlive());
    }

    @Override
    public OptionalInt primary() {
        return IntStream.range(0, nodes.size()).filter(this::acceptsWrites).findFirst();
    }

    @Override
    public void awaitHealthy(Duration limit) {
        Waiting.until(
                limit,
                () -> "one primary and streaming standbys\n" + diagnostics(),
                this::isHealthy);
    }

    /**
     * One leader, which accepts writes and has all others streaming; no second node accepts writes.
     */
    boolean isHealthy() {
        int[] writable = IntStream.range(0, nodes.size()).filter(this::acceptsWrites).toArray();
        if (writable.length != 1 || streamingStandbys(writable[0]) != nodes.size() - 1) {
            return false;
        }
        List<ClusterMember> members = members();
        return members.size() == nodes.size()
                && members.stream().allMatch(ClusterMember::isUp)
                && members.stream()
                        .filter(ClusterMember::isLeader)
                        .map(ClusterMember::name)
                        .toList()
                        .equals(List.of(memberName(writable[0])));
    }

    @Override
    public List<ClusterMember> members() {
        for (int node = 0; node < nodes.size(); node++) {
            Http.Answer answer = Http.get(api(node) + "/cluster");
            if (answer.isOk()) {
                return parseMembers(answer.body());
            }
        }
        return List.of();
    }

    private static List<ClusterMember> parseMembers(String body) {
        try {
            var members = new ArrayList<ClusterMember>();
            for (JsonNode member : JSON.readTree(body).path("members")) {
                members.add(
                        new ClusterMember(
                                member.path("name").asText(),
                                member.path("role").asText(),
                                member.path("state").asText(),
                                member.path("timeline").asLong()));
            }
            return List.copyOf(members);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("GET /cluster answered " + body, e);
        }
    }

    @Override
    public String jdbcUrl(int node) {
        Node of = node(node);
        return "jdbc:postgresql://"
                + of.place().address()
                + ":"
                + of.postgresPort()
                + "/postgres?connectTimeout=2&socketTimeout=2&sslmode=disable&gssEncMode=disable"
                + "&ApplicationName=ha-test&user="
                + SUPERUSER
                + "&password="
                + PASSWORD;
    }

    @Override
    public Connection connect(int node) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(node));
    }

    @Override
    public String api(int node) {
        return "http://" + node(node).place().address() + ":" + node(node).apiPort();
    }

    @Override
    public Path dataDir(int node) {
        return node(node).dataDir();
    }

    @Override
    public Place place(int node) {
        return node(node).place();
    }

    @Override
    public EtcdProcess etcd() {
        return etcd;
    }

    @Override
    public void switchover(int from, int to) {
        String json =
                "{\"leader\":\""
                        + memberName(from)
                        + "\",\"candidate\":\""
                        + memberName(to)
                        + "\"}";
        Http.Answer answer = Http.post(api(from) + "/switchover", json, Duration.ofSeconds(60));
        if (!answer.isOk()) {
            throw new AssertionError("switchover failed: " + answer + "\n" + diagnostics());
        }
    }

    @Override
    public void patchConfig(String json) {
        Http.Answer answer = Http.patch(api(0) + "/config", json);
        if (!answer.isOk()) {
            throw new AssertionError("PATCH /config failed: " + answer + "\n" + diagnostics());
        }
    }

    @Override
    public void killPostmaster(int node) {
        signalPostmaster(node, Signal.KILL);
    }

    @Override
    public void signalPostmaster(int node, Signal signal) {
        OsProcess.postmasterOf(dataDir(node))
                .orElseThrow(
                        () ->
                                new AssertionError(
                                        "no postmaster on "
                                                + memberName(node)
                                                + "\n"
                                                + diagnostics()))
                .signal(signal);
    }

    @Override
    public void killNode(int node) {
        OsProcess.killAllTouching(node(node).directory());
    }

    /**
     * The processes of this node whose parent is none of PostgreSQL's and that are no PostgreSQL
     * themselves.
     */
    @Override
    public List<OsProcess> managementProcesses(int node) {
        return OsProcess.touching(node(node).directory()).stream()
                .filter(
                        process ->
                                !process.commandLine().contains("postgres:")
                                        && !process.commandLine().contains("/postgres "))
                .toList();
    }

    @Override
    public String diagnostics() {
        var text = new StringBuilder();
        for (int node = 0; node < nodes.size(); node++) {
            text.append("--- ")
                    .append(memberName(node))
                    .append(": ")
                    .append(serverState(node))
                    .append('\n');
            text.append("    GET /patroni: ").append(Http.get(api(node) + "/patroni")).append('\n');
            managementProcesses(node)
                    .forEach(
                            p ->
                                    text.append("    ")
                                            .append(p.pid())
                                            .append(' ')
                                            .append(p.commandLine())
                                            .append('\n'));
            text.append(endOf(node(node).log()));
        }
        return text.append("members: ").append(members()).toString();
    }

    @Override
    public void close() {
        if (Boolean.getBoolean("pgnode.test.keep")) {
            System.err.println("kept: " + base);
            reaper.forget();
        }
        reaper.close();
    }

    private boolean acceptsWrites(int node) {
        return ask(node, "select not pg_is_in_recovery()").equals("t");
    }

    private int streamingStandbys(int primary) {
        String count =
                ask(
                        primary,
                        "select count(*) from pg_stat_replication where state = 'streaming' and application_name <> 'ha-test'");
        return count.isEmpty() ? 0 : Integer.parseInt(count);
    }

    private String serverState(int node) {
        return OsProcess.postmasterOf(dataDir(node))
                        .map(p -> "postmaster " + p.pid())
                        .orElse("no postmaster")
                + ", in recovery, receiver, last WAL: "
                + ask(
                        node,
                        "select pg_is_in_recovery() || ' ' || coalesce((select status from pg_stat_wal_receiver), '-') || ' '"
                                + " || case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end");
    }

    /** The first column of the first row, or nothing when the server cannot be asked. */
    private String ask(int node, String query) {
        try (Connection connection = connect(node);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getString(1) + "" : "";
        } catch (SQLException e) {
            return "";
        }
    }

    /** All that a node has logged. */
    public String log(int node) {
        try {
            return Files.readString(node(node).log(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String endOf(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return String.join(
                            "\n    ",
                            lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()))
                    + "\n";
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Ends and deletes what a killed test left: the directory's name carries the number of its
     * process.
     */
    private static void removeLeftovers() {
        try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (name.matches("pgnode-it-\\d+-.*")
                        && OsProcess.of(Long.parseLong(name.split("-", -1)[2])).isEmpty()) {
                    OsProcess.killAllTouching(entry);
                    deleteTree(entry);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
