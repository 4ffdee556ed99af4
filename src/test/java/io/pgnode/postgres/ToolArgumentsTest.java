package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.HostPort;
import io.pgnode.testing.Changed;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines for each major version; none of them shows a password. */
class ToolArgumentsTest {
    private static final Upstream LEADER =
            new Upstream("pg-test-2", new HostPort("10.0.0.2", 5432), "pg_test_1");

    @TempDir Path root;

    @Test
    void expandsAnArchiveCommandAsTheServerDoes() {
        assertThat(ArchiveCommand.expand("cp %p /a/%f; date +%%s 5%", "0001", "pg_wal/0001"))
                .isEqualTo("cp pg_wal/0001 /a/0001; date +%s 5%");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15, 16, 17, 18})
    void rewindReadsTheRestoreCommandFromWhereTheVersionCan(int major) throws Exception {
        PostgresSettings settings = settings();
        Files.createDirectories(settings.dataDir());
        Files.writeString(settings.dataDir().resolve("PG_VERSION"), major + "\n");
        DataDirectory data = new DataDirectory(settings);
        Path passFile = new PassFile(() -> settings).path();
        List<String> arguments =
                new Rewinder(
                                () -> settings,
                                data,
                                new ConfigFiles(() -> settings, data),
                                new ConnStrings(() -> settings, passFile),
                                new ToolRunner(settings, new PassFile(() -> settings)),
                                System::nanoTime)
                        .arguments(LEADER);
        assertThat(arguments)
                .contains(
                        "--target-pgdata=" + settings.dataDir(),
                        "--source-server=user=rewind_user host=10.0.0.2 port=5432 dbname=postgres"
                                + " passfile="
                                + passFile
                                + " application_name=pg_rewind connect_timeout=5 sslmode=disable",
                        "--restore-target-wal");
        String config = "--config-file=" + settings.dataDir().resolve("postgresql.conf");
        if (major >= 15) {
            assertThat(arguments).contains(config);
        } else {
            assertThat(arguments).doesNotContain(config);
        }
        assertThat(arguments).noneMatch(argument -> argument.contains("rewind pw"));
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15, 16, 17, 18})
    void basebackupIsTheSameForAllVersions(int major) {
        PostgresSettings settings = settings();
        Path passFile = new PassFile(() -> settings).path();
        Cloner cloner =
                new Cloner(
                        () -> settings,
                        new DataDirectory(settings),
                        new ConnStrings(() -> settings, passFile),
                        new ToolRunner(settings, new PassFile(() -> settings)));
        assertThat(cloner.basebackupArguments(LEADER))
                .as("version %d", major)
                .containsExactly(
                        "--pgdata=" + settings.dataDir(),
                        "--wal-method=stream",
                        "--checkpoint=fast",
                        "--progress",
                        "--no-password",
                        "--no-sync",
                        "--dbname=user=replicator host=10.0.0.2 port=5432 dbname=replication"
                                + " passfile="
                                + passFile
                                + " application_name=pg-test-1 connect_timeout=5 sslmode=disable");
    }

    private PostgresSettings settings() {
        return Changed.copy(
                RealPostgres.settings(root, "pg-test-1", 5432),
                "restoreCommand",
                "cp /archive/%f %p");
    }
}
