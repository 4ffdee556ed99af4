package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.postgres.PostgresSettings.ReplicaMethod;
import io.pgnode.testing.Changed;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What happens to directories: creation, failure, renaming aside, custom copies. */
class DirectoryTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void failedInitdbLeavesNothingThatCouldBeStarted() throws Exception {
        try (RealPostgres pg =
                RealPostgres.create(
                        "init",
                        s -> Changed.copy(s, "initdbOptions", List.of("--no-such-option")))) {
            assertThatThrownBy(() -> pg.instance().initdb())
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining("initdb of")
                    .hasMessageContaining("exit code 1");
            assertThat(pg.instance().observe().data()).isEqualTo(DataState.EMPTY);
        }
    }

    @Test
    void movesTheWalDirectoryAlong() throws Exception {
        Path parent = Files.createTempDirectory("pgnode-wal-");
        Path wal = parent.resolve("wal");
        try (RealPostgres pg = RealPostgres.create("wal", s -> Changed.copy(s, "walDir", wal))) {
            pg.instance().initdb();
            assertThat(Files.isSymbolicLink(pg.settings().dataDir().resolve("pg_wal"))).isTrue();
            Path aside = pg.instance().moveAside("removed");
            assertThat(aside.getFileName().toString()).startsWith("data.removed-");
            assertThat(aside.resolve("pg_wal").toRealPath().getFileName().toString())
                    .startsWith("wal.removed-");
            assertThat(pg.instance().observe().data()).isEqualTo(DataState.EMPTY);
            assertThat(pg.instance().movedAside()).containsExactly(aside);
            pg.instance().initdb();
            assertThat(pg.instance().observe().data()).isEqualTo(DataState.VALID);
        } finally {
            delete(parent);
        }
    }

    @Test
    void keepsEveryRenamedDirectoryUnlessTold() throws Exception {
        Path parent = Files.createTempDirectory("pgnode-wal-");
        Path wal = parent.resolve("wal");
        try (RealPostgres pg =
                RealPostgres.create(
                        "prune", s -> Changed.copy(s, "walDir", wal, "keepRenamed", 2))) {
            Path data = pg.settings().dataDir();
            Path precious = Files.createDirectory(data.resolveSibling("data.copy-by-hand"));
            Path other = Files.createDirectory(data.resolveSibling("data2.failed-20200101T000000"));
            for (int second = 1; second <= 3; second++) {
                String suffix = "failed-20260101T00000" + second;
                pg.instance().initdb();
                new DataDirectory(pg.settings()).moveAside(suffix);
                assertThat(wal.resolveSibling("wal." + suffix)).isDirectory();
            }
            assertThat(pg.instance().movedAside()).hasSize(3);

            pg.instance().initdb();

            assertThat(pg.instance().movedAside())
                    .extracting(path -> path.getFileName().toString())
                    .containsExactly("data.failed-20260101T000002", "data.failed-20260101T000003");
            assertThat(wal.resolveSibling("wal.failed-20260101T000001")).doesNotExist();
            assertThat(wal.resolveSibling("wal.failed-20260101T000002")).isDirectory();
            assertThat(wal).isDirectory();
            assertThat(precious).isDirectory();
            assertThat(other).isDirectory();
            RenamedDirectories keepsAll = new RenamedDirectories(new DataDirectory(pg.settings()));
            keepsAll.prune(-1);
            assertThat(keepsAll.list()).hasSize(2);
        } finally {
            delete(parent);
        }
    }

    @Test
    void triesCustomMethodsInTurnWithPatronisArguments() throws Exception {
        try (RealPostgres primary = RealPostgres.create("source").bootstrap()) {
            Path script = primary.root().resolve("copy.sh");
            Files.writeString(
                    script,
                    """
                    #!/bin/sh
                    for a; do case $a in
                      --datadir=*) dir=${a#*=};; --connstring=*) conn=${a#*=};;
                      --scope=test|--role=replica|extra) ;; *) echo "odd $a" >&2; exit 9;;
                    esac; done
                    exec %s/pg_basebackup -D "$dir" -X fetch -c fast --no-sync -d "$conn"
                    """
                            .formatted(RealPostgres.binDir()));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
            List<ReplicaMethod> methods =
                    List.of(
                            new ReplicaMethod("broken", List.of("/bin/false"), false, false, true),
                            new ReplicaMethod(
                                    "script",
                                    List.of(script.toString(), "extra"),
                                    false,
                                    false,
                                    false));
            try (RealPostgres copy =
                    RealPostgres.create(
                            "copy", s -> Changed.copy(s, "createReplicaMethods", methods))) {
                assertThatThrownBy(() -> copy.instance().cloneFrom(null, _ -> {}))
                        .hasMessageContaining("broken: exit code 1");
                assertThat(copy.instance().observe().data()).isEqualTo(DataState.EMPTY);
                copy.cloneOf(primary);
                assertThat(copy.instance().probe(LIMIT))
                        .isEqualTo(new ProbeResult.Answered(true, 1));
            }
        }
    }

    @Test
    void aMethodWithoutParametersGetsItsOwnWordsAlone() throws Exception {
        Path script = Files.createTempFile("pgnode-bare", ".sh");
        Files.writeString(script, "#!/bin/sh\necho \"given: $*\" >&2\nexit 3\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        ReplicaMethod bare =
                new ReplicaMethod("bare", List.of(script.toString(), "own"), false, true, true);
        try (RealPostgres copy =
                RealPostgres.create(
                        "bare", s -> Changed.copy(s, "createReplicaMethods", List.of(bare)))) {
            assertThatThrownBy(() -> copy.instance().cloneFrom(null, _ -> {}))
                    .hasMessageContaining("given: own")
                    .hasMessageNotContaining("--");
        } finally {
            Files.delete(script);
        }
    }

    @Test
    void aCancelledCopyEndsSoonAndIsNeverStarted() throws Exception {
        Path script = Files.createTempFile("pgnode-slow", ".sh");
        Files.writeString(
                script,
                "#!/bin/sh\nfor a; do case $a in --datadir=*) mkdir -p \"${a#*=}/x\";; esac; done\nsleep 60\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        ReplicaMethod slow =
                new ReplicaMethod("slow", List.of(script.toString()), false, false, true);
        try (RealPostgres copy =
                RealPostgres.create(
                        "cancel", s -> Changed.copy(s, "createReplicaMethods", List.of(slow)))) {
            CompletableFuture<Void> cancelled =
                    CompletableFuture.runAsync(
                            () -> {
                                Path made = copy.settings().dataDir().resolve("x");
                                await().until(() -> Files.exists(made));
                                assertThat(copy.instance().observe().data())
                                        .isEqualTo(DataState.UNFINISHED);
                                copy.instance().cancel();
                            },
                            Thread::startVirtualThread);
            assertThatThrownBy(() -> copy.instance().cloneFrom(null, _ -> {}))
                    .hasMessageContaining("slow: killed by signal 15");
            cancelled.join();
            assertThat(copy.instance().observe().data()).isEqualTo(DataState.EMPTY);
            assertThat(copy.instance().movedAside()).hasSize(1);
        } finally {
            Files.delete(script);
        }
    }

    @Test
    void givesTheScriptAfterBootstrapAWorkingConnection() throws Exception {
        try (RealPostgres pg = RealPostgres.create("script").bootstrap()) {
            Path script = pg.root().resolve("after.sh");
            Files.writeString(
                    script,
                    "#!/bin/sh\nexec %s/psql -X -v ON_ERROR_STOP=1 -c 'CREATE TABLE made()' \"$2\"\n"
                            .formatted(RealPostgres.binDir()));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
            pg.instance().postBootstrap(List.of(script.toString(), "argument"));
            assertThat(pg.sql("SELECT count(*) FROM made")).isEqualTo("0");
            assertThatThrownBy(() -> pg.instance().postBootstrap(List.of("/bin/false")))
                    .hasMessageContaining("post-bootstrap command /bin/false: exit code 1");
        }
    }

    @Test
    void recoversACrashedPrimaryWithoutServing() throws Exception {
        try (RealPostgres pg = RealPostgres.create("crash").bootstrap()) {
            pg.instance().kill();
            pg.instance().recoverCrash();
            assertThat(pg.instance().control().orElseThrow().isCleanlyShutDown()).isTrue();
            assertThat(pg.instance().walSize()).isPositive();
        }
    }

    private static void delete(Path directory) throws Exception {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
