package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.agent.BackupCommands;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.postgres.PostgresException;
import io.pgnode.postgres.PostgresSettings;
import io.pgnode.postgres.PostgresSettings.ReplicaMethod;
import io.pgnode.postgres.StopMode;
import io.pgnode.testing.Changed;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas made from a repository, and from the leader when that is not to be trusted. */
class RepositoryReplicaTest {
    private static final List<ReplicaMethod> REPOSITORY_ONLY = List.of(ReplicaMethod.REPOSITORY);
    private static final List<ReplicaMethod> REPOSITORY_FIRST =
            List.of(ReplicaMethod.REPOSITORY, ReplicaMethod.BASEBACKUP);

    @TempDir private Path directory;
    private RealPostgres leader;
    private PgBackRest.Configured stock;

    @BeforeEach
    void backUp() throws Exception {
        leader = PgBackRest.server("leader", Map.of()).bootstrap();
        stock =
                PgBackRest.stock()
                        .with(
                                directory,
                                Map.of("compress-type", "lz4", "archive-check", "y"),
                                leader);
        stock.archive(leader);
        stock.must("stanza-create");
        leader.sql("CREATE TABLE t AS SELECT g AS i FROM generate_series(1, 1000) g");
        stock.must("backup", "--type=full");
        leader.sql("INSERT INTO t VALUES (2000)");
        leader.sql("SELECT pg_switch_wal()");
        leader.sql("INSERT INTO t VALUES (3000)");
    }

    @AfterEach
    void remove() {
        leader.close();
    }

    @Test
    void comesFromTheRepositoryAndAgainOverWhatItHas() throws Exception {
        try (RealPostgres replica = replica(REPOSITORY_ONLY)) {
            replica.cloneOf(leader);
            awaitRow(replica, 3000);

            // Later it has fallen behind, and gets what it lacks.
            replica.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
            leader.sql("INSERT INTO t VALUES (4000)");
            stock.must("backup", "--type=incr");
            replica.instance().giveUpData("a test");
            assertThat(replica.instance().mayReuseData()).isTrue();
            replica.cloneOf(leader);
            awaitRow(replica, 4000);
            assertThat(replica.instance().movedAside()).isEmpty();
        }
    }

    @Test
    @Tag("soak")
    void aSmallClusterIsCopiedFromTheLeader() throws Exception {
        try (RealPostgres replica = replica(List.of(ReplicaMethod.REPOSITORY_IF_FASTER))) {
            assertThatThrownBy(() -> replica.cloneOf(leader))
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining("pg_basebackup is estimated to be faster");
            assertThat(replica.instance().observe().data()).isEqualTo(DataState.EMPTY);
        }
    }

    @Test
    void goesOnWithTheLeaderWhenTheRepositoryIsDamaged() throws Exception {
        try (RealPostgres replica = replica(REPOSITORY_FIRST);
                Stream<Path> files = Files.walk(stock.repository().resolve("backup"))) {
            // Read last: everything else has been written by then.
            Path control =
                    files.filter(file -> file.toString().contains("pg_control"))
                            .findFirst()
                            .orElseThrow();
            byte[] content = Files.readAllBytes(control);
            content[content.length / 2] ^= 1;
            Files.write(control, content);
            replica.cloneOf(leader);
            awaitRow(replica, 3000);
        }
    }

    @Test
    @Tag("soak")
    void goesOnWithTheLeaderWhenTheRepositoryIsAway() throws Exception {
        try (RealPostgres replica = replica(REPOSITORY_FIRST)) {
            Files.move(stock.repository(), directory.resolve("away"));
            replica.cloneOf(leader);
            awaitRow(replica, 3000);
        }
    }

    @Test
    @Tag("soak")
    void goesOnWithTheLeaderWhenWalIsMissing() throws Exception {
        String last = "";
        for (int i = 0; i < 3; i++) {
            leader.sql("INSERT INTO t VALUES (" + i + ")");
            last = leader.sql("SELECT pg_walfile_name(pg_switch_wal())") + "";
        }
        String segment = last;
        await().until(() -> !archived(segment).isEmpty());
        for (Path file : archived(segment)) {
            Files.delete(file);
        }
        try (RealPostgres replica = replica(REPOSITORY_ONLY)) {
            // The leader has it still.
            replica.cloneOf(leader);
            awaitRow(replica, 2);
        }
        leader.instance().dropSlot("replica");
        await().until(
                        () -> {
                            leader.sql("SELECT pg_switch_wal()");
                            leader.sql("CHECKPOINT");
                            return !Files.exists(
                                    leader.settings().dataDir().resolve("pg_wal").resolve(segment));
                        });
        try (RealPostgres replica = replica(REPOSITORY_ONLY)) {
            assertThatThrownBy(() -> replica.cloneOf(leader))
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining(segment);
            assertThat(replica.instance().observe().data()).isEqualTo(DataState.EMPTY);
        }
    }

    @Test
    @Tag("soak")
    void anotherClustersBackupIsNotUsed() throws Exception {
        try (RealPostgres other = RealPostgres.create("other").bootstrapAnew();
                RealPostgres replica = replica(REPOSITORY_FIRST)) {
            other.sql("CREATE TABLE t AS SELECT 5000 AS i");
            replica.cloneOf(other);
            awaitRow(replica, 5000);
            assertThat(replica.instance().observe().systemId())
                    .isEqualTo(other.instance().observe().systemId());
            assertThat(replica.instance().movedAside()).isEmpty();
        }
    }

    @Test
    @Tag("soak")
    void aBackupFromAfterTheDivergenceIsNotUsed() throws Exception {
        try (RealPostgres promoted = replica(REPOSITORY_ONLY);
                RealPostgres replica = replica(REPOSITORY_ONLY)) {
            promoted.cloneOf(leader);
            awaitRow(promoted, 3000);
            at(promoted.settings()).archive(promoted);
            promoted.instance().promote(RealPostgres.LIMIT);
            promoted.sql("INSERT INTO t VALUES (6000)");
            // Who leads no more has written on, and somebody has backed that up.
            leader.sql("INSERT INTO t VALUES (7000)");
            stock.must("backup", "--type=full");
            await().atMost(RealPostgres.LIMIT).until(() -> !archived("00000002.history").isEmpty());
            assertThatThrownBy(() -> replica.cloneOf(promoted))
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining("a standby would go astray");
            assertThat(replica.instance().observe().data()).isEqualTo(DataState.EMPTY);
            String first = promoted.sql("SELECT pg_walfile_name(pg_switch_wal())") + "";
            await().atMost(RealPostgres.LIMIT).until(() -> !archived(first).isEmpty());
            replica.cloneOf(promoted);
            awaitRow(replica, 6000);
            assertThat(replica.sql("SELECT count(*) FROM t WHERE i = 7000")).isEqualTo("0");
        }
    }

    private List<Path> archived(String name) {
        try (Stream<Path> files = Files.walk(stock.repository().resolve("archive"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(name)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitRow(RealPostgres replica, int row) {
        await().atMost(RealPostgres.LIMIT)
                .ignoreExceptions()
                .until(() -> "1".equals(replica.sql("SELECT 1 FROM t WHERE i = " + row)));
    }

    private RealPostgres replica(List<ReplicaMethod> methods) {
        return RealPostgres.create(
                "replica",
                settings ->
                        Changed.copy(
                                settings,
                                "createReplicaMethods",
                                methods,
                                "restoreCommand",
                                at(settings).command("archive-get %f %p"),
                                "restoreProgram",
                                BackupCommands.of(program(), config(settings)).restoreProgram(),
                                "parameters",
                                leader.settings().parameters()));
    }

    /** The same repository for another data directory. */
    private PgBackRest.Configured at(PostgresSettings settings) {
        return PgBackRest.stock()
                .with(
                        settings.dataDir().resolveSibling("pgbackrest"),
                        Map.of("repo1-path", stock.repository().toString(), "compress-type", "lz4"),
                        Map.of("pg1-path", settings.dataDir().toString()));
    }

    private Path config(PostgresSettings settings) {
        try {
            Path password = settings.dataDir().resolveSibling("password");
            Files.writeString(password, RealPostgres.SUPERUSER.password() + "\n");
            Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
            return Files.writeString(
                    settings.dataDir().resolveSibling("pgnode.yml"),
                    """
                    cluster: pg-test
                    seq: 1
                    address: 127.0.0.1
                    run-dir: %s
                    postgresql:
                      data-dir: %s
                      socket-dir: %s
                      port: %d
                      superuser: {username: postgres, password-file: %s}
                    backup:
                      stanza: %s
                      lock-path: %s
                      compress: {type: lz4}
                      repositories:
                        1: {path: %s}
                    """
                            .formatted(
                                    settings.runDir(),
                                    settings.dataDir(),
                                    settings.socketDir(),
                                    settings.port(),
                                    password,
                                    PgBackRest.STANZA,
                                    stock.lockPath(),
                                    stock.repository()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> program() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                System.getProperty("java.class.path"),
                "io.pgnode.cli.PlainMain");
    }
}
