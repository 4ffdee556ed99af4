package io.pgnode.backup;

import io.pgnode.backup.core.BackupType;
import io.pgnode.testing.Changed;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * WAL, backups and restores of the other versions than the distribution's, as far as they are here.
 */
class PostgresVersionsTest {
    /** Has WAL summaries. */
    @Test
    void ofSeventeen() throws Exception {
        roundTrip(17, Map.of("summarize_wal", "on"));
    }

    /** The oldest, which has other functions for a backup, and the newest. */
    @ParameterizedTest
    @ValueSource(ints = {13, 14, 16, 18})
    @Tag("soak")
    void ofTheOthers(int version) throws Exception {
        roundTrip(version, Map.of());
    }

    private static void roundTrip(int version, Map<String, String> parameters) throws Exception {
        Optional<Path> binDir = RealPostgres.binDir(version);
        Assumptions.assumeTrue(binDir.isPresent(), "PostgreSQL " + version + " is not here");
        Optional<PgBackRest> judge = PgBackRest.newer();
        Assumptions.assumeTrue(judge.isPresent(), "needs a pgbackrest that knows the version");
        try (MemoryDirectory directory = MemoryDirectory.create("v" + version);
                RealPostgres server =
                        RealPostgres.create(
                                "v" + version,
                                settings -> {
                                    Map<String, String> all = new HashMap<>(settings.parameters());
                                    all.putAll(parameters);
                                    all.putAll(Map.of("archive_mode", "on", "archive_command", ""));
                                    return Changed.copy(
                                            settings,
                                            "binDir",
                                            binDir.orElseThrow(),
                                            "initdbOptions",
                                            // 18 has them unless told otherwise, which is what
                                            // users do.
                                            version < 18
                                                    ? settings.initdbOptions()
                                                    : List.of("--encoding=UTF8", "--no-sync"),
                                            "parameters",
                                            all);
                                })) {
            server.bootstrapAnew();
            RoundTrip.fill(server);
            try (RoundTrip trip =
                    new RoundTrip(
                            server, directory.path(), judge.orElseThrow(), RepositoryKind.USUAL)) {
                trip.archiveByUs();
                trip.ours(BackupType.FULL);
                trip.change();
                trip.theirs(BackupType.DIFF);
                trip.change();
                trip.ours(BackupType.INCR);
                trip.verify();
                trip.restoreByUs(trip.last());
                trip.restoreByThem(trip.last());
            }
        }
    }
}
