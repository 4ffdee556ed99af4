package io.pgnode.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.engine.BackupLab.Kind;
import io.pgnode.postgres.DatabaseAddress;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a standby, started and stopped on its primary. */
class StandbyBackupTest {
    @TempDir private Path directory;

    @Test
    void aStandbysFilesAreRestoredByPgBackRest() throws Exception {
        Optional<PgBackRest> found = PgBackRest.newer();
        Assumptions.assumeTrue(
                found.isPresent(), "needs a pgbackrest whose format is the final one");
        try (RealPostgres primary = PgBackRest.server("p1", Map.of()).bootstrap();
                RealPostgres standby = PgBackRest.server("p2", Map.of())) {
            primary.sql(
                    "CREATE TABLE t AS SELECT i AS id, 'x' AS pad FROM generate_series(1, 999) i");
            primary.sql("CREATE TABLE spaced AS SELECT 1 AS i");
            primary.sql("CREATE TABLE empty (i int)");
            primary.sql("CREATE UNLOGGED TABLE unlogged (i int)");
            primary.sql("SELECT lo_from_bytea(0, 'large object')");
            standby.cloneOf(primary);
            BackupLab lab =
                    BackupLab.create(
                            primary,
                            directory,
                            found.orElseThrow(),
                            new Kind(CompressType.ZST, true, true, false));
            BackupRequest request =
                    new BackupRequest(
                            BackupType.FULL,
                            lab.repository,
                            DatabaseAddress.local(standby.settings()),
                            DatabaseAddress.remote(
                                    primary.settings().connectAddress(),
                                    RealPostgres.SUPERUSER,
                                    Map.of("sslmode", "disable")),
                            lab.tool.lockPath(),
                            lab.options);
            BackupResult result = BackupLab.engine(new StopRequest()).run(request, lab.progress());
            assertThat(result.summary().options().backupStandby()).isTrue();
            lab.verify();
            lab.restoreAndCompare(result.label());

            abortsWhenPromoted(lab, request, standby);
        }
    }

    private static void abortsWhenPromoted(
            BackupLab lab, BackupRequest request, RealPostgres standby) {
        lab.options = lab.options.toBuilder().rate(4 << 20).build();
        AtomicBoolean isPromoted = new AtomicBoolean();
        Progress promoting =
                new Progress() {
                    @Override
                    public void at(Status status) {
                        if (status.phase() == Phase.COPY && !isPromoted.getAndSet(true)) {
                            try {
                                standby.sql("SELECT pg_promote()");
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    }

                    @Override
                    public void note(String sentence) {}
                };
        BackupRequest slow =
                new BackupRequest(
                        BackupType.FULL,
                        lab.repository,
                        request.database(),
                        request.primary(),
                        lab.tool.lockPath(),
                        lab.options);
        BackupException e =
                catchThrowableOfType(
                        BackupException.class,
                        () -> BackupLab.engine(new StopRequest()).run(slow, promoting));
        assertThat(e).hasMessageContaining("the standby was promoted");
        assertThat(e.exit()).isEqualTo(BackrestExit.DB_MISMATCH);
    }
}
