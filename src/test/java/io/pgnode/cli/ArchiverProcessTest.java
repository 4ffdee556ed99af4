package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.agent.BackupCommands;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.LeaseHolder;
import io.pgnode.backup.schedule.ScheduleStore;
import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Tags;
import io.pgnode.dcs.ClusterCodec;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealEtcd;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An archiver as a process, with etcd, PostgreSQL and a repository: as {@code pgnode run} has it.
 */
@Tag("soak") // waits for the end of a lease of 30 s
class ArchiverProcessTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @TempDir private Path directory;
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void makesTheFirstFullBackupAndGoesOnAfterItsDeath() throws Exception {
        try (RealEtcd etcd = RealEtcd.start();
                RealPostgres server = PgBackRest.server("archiver", Map.of()).bootstrap();
                Dcs dcs = new EtcdDcs(EtcdSettings.plain(etcd.endpoint()))) {
            Path config = config(etcd, server);
            server.sql(
                    "ALTER SYSTEM SET archive_command = '%s'"
                            .formatted(
                                    BackupCommands.of(program(), config)
                                            .archiveCommand()
                                            .replace("'", "''")));
            server.sql("SELECT pg_reload_conf()");
            server.sql(
                    "CREATE TABLE t AS SELECT repeat(md5(g::text), 30) FROM generate_series(1, 60000) g");
            lead(dcs, server);
            ScheduleStore store = new ScheduleStore(dcs, "/service/", "pg-test", TIMEOUT);

            Process first = start(config);
            started.add(first);
            await().atMost(Duration.ofSeconds(60)).until(() -> store.read().holder() != null);
            long child =
                    await().atMost(Duration.ofSeconds(20))
                            .until(() -> backup(first), Optional::isPresent)
                            .orElseThrow();
            // It copies files: until then a busy machine may have it load classes for long.
            await().atMost(Duration.ofMinutes(3)).until(() -> doneBytes(store) > 0);
            first.destroyForcibly().waitFor();
            // The backup's process does not outlive the one that holds its lease.
            await().atMost(Duration.ofSeconds(15)).until(() -> ProcessHandle.of(child).isEmpty());
            LeaseHolder holder = store.read().holder();
            long epoch = holder == null ? store.read().epoch() : holder.epoch();

            Process second = start(config);
            started.add(second);
            await().atMost(Duration.ofMinutes(5))
                    .until(
                            () ->
                                    state(store).attempts() == 2
                                            && state(store).result() != JobState.Result.RUNNING);
            assertThat(state(store).result())
                    .as("%s\n%s", state(store), Files.readString(directory.resolve("log")))
                    .isEqualTo(JobState.Result.DONE);
            second.destroy();
            assertThat(state(store).message()).matches("\\d{8}-\\d{6}F");
            assertThat(store.read().epoch()).isEqualTo(epoch + 1);
            assertThat(second.waitFor()).isZero();
            assertThat(Files.readString(directory.resolve("log"))).doesNotContain("ERROR");
        }
    }

    private static JobState state(ScheduleStore store) throws InterruptedException {
        JobStates states = store.read().states();
        return states == null ? JobState.NONE : states.of(BackupType.FULL);
    }

    private static long doneBytes(ScheduleStore store) throws InterruptedException {
        LeaseHolder holder = store.read().holder();
        return holder == null ? 0 : holder.doneBytes();
    }

    private static Optional<Long> backup(Process archiver) {
        return archiver.descendants()
                .map(ProcessHandle::pid)
                .filter(pid -> words(pid).contains("--scheduled-by"))
                .findFirst();
    }

    /** ProcessHandle cuts long command lines. */
    private static List<String> words(long pid) {
        try {
            return List.of(
                    Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"))
                            .split("\0", -1));
        } catch (IOException e) {
            return List.of(); // gone
        }
    }

    private Path config(RealEtcd etcd, RealPostgres server) throws IOException {
        Path password = directory.resolve("password");
        Files.writeString(password, RealPostgres.SUPERUSER.password() + "\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Path config = directory.resolve("pgnode.yml");
        return Files.writeString(
                config,
                """
                cluster: pg-test
                seq: 1
                address: 127.0.0.1
                run-dir: %s
                dcs: {endpoints: ["%s"]}
                postgresql:
                  data-dir: %s
                  socket-dir: %s
                  port: %d
                  superuser: {username: postgres, password-file: %s}
                backup:
                  lock-path: %s
                  throttle: 8MB
                  compress: {type: lz4}
                  repositories:
                    1: {path: %s}
                """
                        .formatted(
                                directory.resolve("run"),
                                etcd.endpoint(),
                                server.settings().dataDir(),
                                server.settings().socketDir(),
                                server.settings().port(),
                                password,
                                directory.resolve("lock"),
                                directory.resolve("repo")));
    }

    private static void lead(Dcs dcs, RealPostgres server) {
        Member member =
                new Member(
                        new MemberName("pg-test-1"),
                        server.settings().connectAddress(),
                        "http://127.0.0.1:8008/patroni",
                        MemberRole.PRIMARY,
                        "running",
                        "pgnode-0.1",
                        Tags.NONE,
                        new Lsn(1),
                        Lsn.NONE,
                        Lsn.NONE,
                        1,
                        "",
                        Map.of(),
                        "",
                        false,
                        0,
                        1);
        var _ =
                dcs.txn(
                                new Dcs.Txn(
                                        List.of(),
                                        List.of(
                                                new Dcs.Op.Put(
                                                        "/service/pg-test/members/pg-test-1",
                                                        ClusterCodec.encodeMember(member),
                                                        0),
                                                new Dcs.Op.Put(
                                                        "/service/pg-test/leader", "pg-test-1", 0),
                                                new Dcs.Op.Put(
                                                        "/service/pg-test/initialize",
                                                        "7300000000000000001",
                                                        0))),
                                TIMEOUT)
                        .join();
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

    private Process start(Path config) throws IOException {
        List<String> words = new ArrayList<>(program());
        words.addAll(List.of("archiver", "-c", config.toString()));
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
                .start();
    }
}
