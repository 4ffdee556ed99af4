package io.pgnode.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.engine.Progress;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What is made and dropped while its files are read comes back as it is at the backup's end. */
class DatabasesDuringBackupTest {
    @Test
    void databasesAndRelationsComeAndGo() throws Exception {
        try (MemoryDirectory directory = MemoryDirectory.create("databases");
                RealPostgres server =
                        PgBackRest.server("databases", Map.of("autovacuum", "off")).bootstrap()) {
            RoundTrip.fill(server);
            server.sql("CREATE TABLE dropped AS SELECT generate_series(1, 20000)");
            server.sql("CREATE TABLE truncated AS SELECT generate_series(1, 20000)");
            try (RoundTrip trip =
                    new RoundTrip(
                            server,
                            directory.path(),
                            PgBackRest.all().getLast(),
                            new RepositoryKind(
                                    CompressType.LZ4,
                                    true,
                                    PgBackRest.newer().isPresent(),
                                    false))) {
                AtomicBoolean isDone = new AtomicBoolean();
                trip.ours(BackupType.FULL, new Churn(server, isDone, "first"));
                assertThat(isDone).isTrue();
                isDone.set(false);
                trip.ours(BackupType.INCR, new Churn(server, isDone, "second"));
                assertThat(isDone).isTrue();
                trip.verify();
                trip.restoreByUs(trip.last());
                trip.restoreByThem(trip.labels().getFirst());
            }
        }
    }

    /** Once the files are listed, and before they are read. */
    private record Churn(RealPostgres server, AtomicBoolean isDone, String name)
            implements Progress {
        @Override
        public void at(Status status) {
            if (status.phase() != Phase.COPY || isDone.getAndSet(true)) {
                return;
            }
            try {
                server.sql("DROP DATABASE IF EXISTS other");
                server.sql("CREATE DATABASE " + name + " STRATEGY file_copy");
                server.sql("CREATE DATABASE " + name + "_logged STRATEGY wal_log");
                server.sql("DROP DATABASE IF EXISTS first");
                server.sql("DROP TABLE IF EXISTS dropped");
                server.sql("TRUNCATE truncated");
                server.sql("INSERT INTO truncated VALUES (1)");
                server.sql("CREATE TABLE made_" + name + " AS SELECT generate_series(1, 5000)");
                server.sql("CHECKPOINT");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void note(String sentence) {}
    }
}
