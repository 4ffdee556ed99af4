package io.pgnode.backup;

import io.pgnode.backup.core.BackupType;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of repository, chains of ours and of pgBackRest's in turn: full, differential and
 * incremental backups of the one on those of the other. Both verify all, both restore all.
 */
@Tag("soak")
class RoundTripMatrixTest {
    private static RealPostgres server;

    @BeforeAll
    static void start() throws Exception {
        server = PgBackRest.server("matrix", Map.of("autovacuum", "off")).bootstrap();
        RoundTrip.fill(server);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    static List<RepositoryKind> kinds() {
        String only = System.getProperty("kind");
        return RepositoryKind.all().stream()
                .filter(kind -> only == null || kind.toString().matches(only))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void bothToolsGoOnWithEachOthersBackups(RepositoryKind kind) throws Exception {
        try (MemoryDirectory directory = MemoryDirectory.create("matrix");
                RoundTrip trip = new RoundTrip(server, directory.path(), tool(kind), kind)) {
            chains(trip);
        }
    }

    private static void chains(RoundTrip trip) throws Exception {
        trip.ours(BackupType.FULL);
        trip.change();
        trip.theirs(BackupType.INCR);
        trip.change();
        trip.ours(BackupType.INCR);
        trip.change();
        trip.theirs(BackupType.DIFF);
        trip.change();
        trip.ours(BackupType.DIFF);
        trip.restoreByThem(trip.last());
        trip.theirs(BackupType.FULL);
        trip.change();
        trip.ours(BackupType.DIFF);
        trip.change();
        trip.theirs(BackupType.INCR);
        trip.change();
        trip.ours(BackupType.INCR);
        trip.change();
        trip.theirs(BackupType.INCR);
        trip.verify();
        for (var label : trip.labels()) {
            trip.restoreFilesByUs(label);
        }
        trip.restoreByUs(trip.last());
        trip.restoreByThem(trip.last());
    }

    /** The distribution's where its format is the final one. */
    private static PgBackRest tool(RepositoryKind kind) {
        Optional<PgBackRest> newer = PgBackRest.newer();
        Assumptions.assumeTrue(
                !kind.block() || newer.isPresent(),
                "needs a pgbackrest whose format is the final one");
        return kind.block() ? newer.orElseThrow() : PgBackRest.stock();
    }
}
