package io.pgnode.backup;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.storage.S3Settings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.S3Server;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** WAL, backups and restores of both tools in one bucket. */
class BucketRoundTripTest {
    @Test
    void bothToolsGoOnWithEachOthersBackupsInABucket() throws Exception {
        PgBackRest tool = PgBackRest.all().getLast();
        RepositoryKind kind =
                new RepositoryKind(CompressType.ZST, true, PgBackRest.newer().isPresent(), true);
        try (MemoryDirectory directory = MemoryDirectory.create("trip");
                S3Server bucket = S3Server.startTls(directory.path());
                RealPostgres server =
                        PgBackRest.server("bucket", Map.of("autovacuum", "off")).bootstrap()) {
            bucket.pageSize(100);
            RoundTrip.fill(server);
            try (RoundTrip trip =
                    new RoundTrip(
                            server,
                            directory.path(),
                            tool,
                            kind,
                            new StorageSettings.S3(
                                    bucket.settings("/repo", S3Settings.Times.USUAL)),
                            bucket.pgBackRestOptions(1, "/repo"))) {
                trip.archiveByUs();
                trip.ours(BackupType.FULL);
                trip.change();
                trip.theirs(BackupType.INCR);
                trip.change();
                trip.ours(BackupType.INCR);
                trip.verify();
                trip.restoreByUs(trip.last());
                trip.restoreByThem(trip.last());
            }
        }
    }
}
