package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.postgres.PostgresSettings.BootstrapMethod;
import io.pgnode.testing.Changed;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new cluster from an operator's command: here a backup and an archive of another one. */
class BootstrapMethodTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private RealPostgres source;
    private Path archive;
    private Path backup;

    @BeforeEach
    void backUp() throws Exception {
        source = RealPostgres.create("source").bootstrap();
        archive = Files.createDirectory(source.root().resolve("archive"));
        backup = source.root().resolve("backup");
        source.instance().stop(StopMode.FAST, LIMIT);
        source.instance()
                .applyParameters(
                        Map.of("archive_mode", "on", "archive_command", "cp %p " + archive + "/%f"),
                        List.of(),
                        List.of());
        source.startPrimary();
        source.sql("CREATE TABLE t (i int)");
    }

    @AfterEach
    void remove() {
        source.close();
    }

    private String script(String name, String text) throws Exception {
        Path script = source.root().resolve(name);
        Files.writeString(script, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script.toString();
    }

    private void takeBackup() throws Exception {
        io.pgnode.os.CommandResult result =
                io.pgnode.os.Command.of(
                                RealPostgres.binDir().resolve("pg_basebackup").toString(),
                                "-D",
                                backup.toString(),
                                "-c",
                                "fast",
                                "--no-sync",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                String.valueOf(source.settings().port()),
                                "-U",
                                RealPostgres.REPLICATION.user())
                        .env("PGPASSWORD", RealPostgres.REPLICATION.password())
                        .run();
        assertThat(result.explain()).startsWith("exit code 0");
    }

    private String copyBackup() throws Exception {
        return script(
                "restore.sh",
                """
                for a; do case $a in
                  --datadir=*) dir=${a#*=};;
                  --scope=test|extra) ;; *) echo "odd $a" >&2; exit 9;;
                esac; done
                mkdir -p -m 700 "$dir" && cp -a %s/. "$dir"
                """
                        .formatted(backup));
    }

    private void writeAndArchive() throws Exception {
        source.sql("INSERT INTO t VALUES (1)");
        source.sql("SELECT pg_create_restore_point('here')");
        source.sql("INSERT INTO t VALUES (2)");
        String segment = source.sql("SELECT pg_walfile_name(pg_switch_wal())");
        await().until(() -> Files.exists(archive.resolve(String.valueOf(segment))));
    }

    private static RealPostgres node(BootstrapMethod method) {
        return RealPostgres.create("new", s -> Changed.copy(s, "bootstrap", method));
    }

    @Test
    void recoversToItsTargetAndThenAcceptsWrites() throws Exception {
        takeBackup();
        writeAndArchive();
        BootstrapMethod method =
                new BootstrapMethod(
                        "restore",
                        List.of(copyBackup(), "extra"),
                        false,
                        false,
                        Map.of(
                                "restore_command",
                                "cp " + archive + "/%f %p",
                                "recovery_target_name",
                                "here"),
                        LIMIT);
        try (RealPostgres node = node(method)) {
            node.instance().initdb();
            // Nobody may start it on another way than to its target.
            assertThat(node.instance().observe().data()).isEqualTo(DataState.UNFINISHED);
            assertThat(node.instance().observe().systemId())
                    .isEqualTo(source.instance().observe().systemId());

            assertThat(node.instance().startNew(LIMIT)).isInstanceOf(StartResult.Started.class);
            node.instance().createRoles();

            node.instance().probe(LIMIT);
            InstanceView view = node.instance().observe();
            assertThat(view.data()).isEqualTo(DataState.VALID);
            assertThat(view.isPrimary()).isTrue();
            assertThat(view.timeline()).isEqualTo(2);
            assertThat(node.sql("SELECT string_agg(i::text, ',') FROM t")).isEqualTo("1");
            assertThat(Files.readString(node.settings().dataDir().resolve("postgresql.conf")))
                    .doesNotContain("'here'")
                    .doesNotContain("restore_command");
            node.instance().stop(StopMode.FAST, LIMIT);
            node.startPrimary();
        }
    }

    @Test
    void keepsTheRecoverySettingsThatTheCommandWrote() throws Exception {
        takeBackup();
        writeAndArchive();
        String command =
                script(
                        "own.sh",
                        """
                        mkdir -p -m 700 "$1" && cp -a %s/. "$1" || exit 1
                        echo "restore_command = 'cp %s/%%f %%p'" >> "$1/postgresql.auto.conf"
                        echo "recovery_target_name = 'here'" >> "$1/postgresql.auto.conf"
                        echo "recovery_target_action = 'pause'" >> "$1/postgresql.auto.conf"
                        touch "$1/standby.signal"
                        """
                                .formatted(backup, archive));
        try (RealPostgres node =
                RealPostgres.create(
                        "new",
                        s ->
                                Changed.copy(
                                        s,
                                        "bootstrap",
                                        new BootstrapMethod(
                                                "own",
                                                List.of(command, s.dataDir().toString()),
                                                true,
                                                true,
                                                Map.of(),
                                                LIMIT)))) {
            node.instance().initdb();
            assertThat(node.instance().startNew(LIMIT)).isInstanceOf(StartResult.Started.class);
            assertThat(node.sql("SELECT string_agg(i::text, ',') FROM t")).isEqualTo("1");
            assertThat(Files.readString(node.settings().dataDir().resolve("postgresql.auto.conf")))
                    .doesNotContain("recovery_target");
        }
    }

    @Test
    void startsACopyThatNeedsNoRecoveryAsItIs() throws Exception {
        source.sql("INSERT INTO t VALUES (3)");
        source.instance().stop(StopMode.FAST, LIMIT);
        Files.move(source.settings().dataDir(), backup);
        BootstrapMethod method =
                new BootstrapMethod("copy", List.of(copyBackup()), false, false, Map.of(), LIMIT);
        try (RealPostgres node = node(method)) {
            node.instance().initdb();
            assertThat(node.instance().startNew(LIMIT)).isInstanceOf(StartResult.Started.class);
            assertThat(node.sql("SELECT i FROM t")).isEqualTo("3");
            node.instance().probe(LIMIT);
            assertThat(node.instance().observe().timeline()).isEqualTo(1);
        }
    }

    @Test
    void aFailingCommandIsExplainedAndWhatItLeftIsRenamedAside() throws Exception {
        String command =
                script(
                        "fail.sh",
                        "for a; do case $a in --datadir=*) mkdir -p \"${a#*=}/x\";; esac; done\n"
                                + "echo no backup in the repository >&2\nexit 7\n");
        BootstrapMethod method =
                new BootstrapMethod("fails", List.of(command), false, false, Map.of(), LIMIT);
        try (RealPostgres node = node(method)) {
            assertThatThrownBy(() -> node.instance().initdb())
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining("bootstrap method fails")
                    .hasMessageContaining("exit code 7")
                    .hasMessageContaining("no backup in the repository");
            assertThat(node.instance().observe().data()).isEqualTo(DataState.EMPTY);
            assertThat(node.instance().movedAside()).hasSize(1);
        }
    }

    @Test
    void aRecoveryThatMissesItsTargetFails() throws Exception {
        takeBackup();
        writeAndArchive();
        BootstrapMethod method =
                new BootstrapMethod(
                        "restore",
                        List.of(copyBackup()),
                        false,
                        false,
                        Map.of(
                                "restore_command",
                                "cp " + archive + "/%f %p",
                                "recovery_target_name",
                                "elsewhere"),
                        LIMIT);
        try (RealPostgres node = node(method)) {
            node.instance().initdb();
            assertThat(node.instance().startNew(LIMIT).toString())
                    .contains("Failed")
                    .contains("recovery ended before configured recovery target was reached");
            assertThat(node.instance().observe().data()).isEqualTo(DataState.UNFINISHED);
        }
    }
}
