package io.pgnode.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupType;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A relation of more than a gibibyte, and a file of more than two. */
@Tag("soak")
class LargeFilesTest {
    private static final long MORE_THAN_AN_INT = (2L << 30) + 300 * 1024 * 1024 + 5;

    @Test
    void ofMoreThanOneAndTwoGibibytes() throws Exception {
        Assumptions.assumeTrue(PgBackRest.newer().isPresent(), "needs blocks");
        try (MemoryDirectory directory = MemoryDirectory.create("large");
                RealPostgres server =
                        PgBackRest.server(
                                        "large", Map.of("autovacuum", "off", "max_wal_size", "4GB"))
                                .bootstrap()) {
            RoundTrip.fill(server);
            try (RoundTrip trip =
                    new RoundTrip(
                            server,
                            directory.path(),
                            PgBackRest.newer().orElseThrow(),
                            RepositoryKind.USUAL)) {
                server.sql("CREATE TABLE large (id int, pad text)");
                server.sql("ALTER TABLE large ALTER pad SET STORAGE plain");
                for (int part = 0; part < 14; part++) { // a page each
                    server.sql(
                            "INSERT INTO large SELECT i, repeat('x', 8000) FROM generate_series("
                                    + (part * 10_000 + 1)
                                    + ", "
                                    + (part + 1) * 10_000
                                    + ") i");
                }
                server.sql("CHECKPOINT");
                Path data = server.settings().dataDir();
                Path second =
                        data.resolve(server.sql("SELECT pg_relation_filepath('large')") + ".1");
                assertThat(Files.size(second)).isGreaterThan(1 << 20);
                Path sparse = data.resolve("large.file");
                write(sparse, 0, "begin");
                write(sparse, MORE_THAN_AN_INT - 3, "end");

                trip.ours(BackupType.FULL);
                server.sql("UPDATE large SET pad = repeat('y', 8000) WHERE id IN (5, 135000)");
                server.sql("CHECKPOINT");
                write(sparse, (2L << 30) + 7, "changed");
                trip.ours(BackupType.INCR);
                trip.theirs(BackupType.INCR);
                write(sparse, MORE_THAN_AN_INT - 3, "END");
                trip.ours(BackupType.INCR);

                trip.verify();
                trip.restoreByUs(trip.last());
                trip.restoreByThem(trip.last());
            }
        }
    }

    private static void write(Path path, long at, String text) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            file.writeBytes(text);
        }
    }
}
