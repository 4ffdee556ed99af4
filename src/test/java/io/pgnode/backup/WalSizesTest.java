package io.pgnode.backup;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.testing.Changed;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clusters of other segments than 16 MiB, and without checksums. */
@Tag("soak")
class WalSizesTest {
    @Test
    void segmentsOfOneMegabyteWithoutChecksums() throws Exception {
        roundTrip(1, List.of("--encoding=UTF8", "--no-sync", "--wal-segsize=1"));
    }

    @Test
    void segmentsOfSixtyFourMegabytes() throws Exception {
        roundTrip(
                64,
                List.of("--encoding=UTF8", "--no-sync", "--data-checksums", "--wal-segsize=64"));
    }

    private static void roundTrip(int megabytes, List<String> initdb) throws Exception {
        try (MemoryDirectory directory = MemoryDirectory.create("wal");
                RealPostgres server =
                        RealPostgres.create(
                                "wal" + megabytes,
                                settings -> {
                                    Map<String, String> all = new HashMap<>(settings.parameters());
                                    all.putAll(Map.of("archive_mode", "on", "archive_command", ""));
                                    all.put("wal_log_hints", "on");
                                    all.put("min_wal_size", 2 * megabytes + "MB");
                                    all.put("max_wal_size", 16 * megabytes + "MB");
                                    return Changed.copy(
                                            settings, "initdbOptions", initdb, "parameters", all);
                                })) {
            server.bootstrapAnew();
            RoundTrip.fill(server);
            try (RoundTrip trip =
                    new RoundTrip(
                            server,
                            directory.path(),
                            PgBackRest.all().getLast(),
                            new RepositoryKind(CompressType.LZ4, true, false, true))) {
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
