package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.engine.BackupLab.Kind;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kind of repository, chains of ours and of pgBackRest's in turn. */
@Tag("soak")
class BackupMatrixTest {
    private static RealPostgres server;
    @TempDir private Path directory;

    @BeforeAll
    static void start() throws Exception {
        server = BackupLab.server("matrix");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    static List<Kind> kinds() {
        List<Kind> kinds = new ArrayList<>();
        for (CompressType compression : CompressType.values()) {
            if (compression == CompressType.BZ2) {
                continue;
            }
            for (boolean cipher : new boolean[] {false, true}) {
                kinds.add(new Kind(compression, false, false, cipher));
                kinds.add(new Kind(compression, true, false, cipher));
                kinds.add(new Kind(compression, true, true, cipher));
            }
        }
        String only = System.getProperty("kind");
        return only == null
                ? kinds
                : kinds.stream().filter(kind -> kind.toString().matches(only)).toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void oursThenTheirs(Kind kind) throws Exception {
        BackupLab lab = BackupLab.create(server, directory, tool(kind), kind);
        lab.ours(BackupType.FULL);
        lab.change(1);
        lab.theirs(BackupType.INCR);
        lab.change(2);
        lab.ours(BackupType.INCR);
        lab.change(3);
        lab.theirs(BackupType.DIFF);
        lab.verify();
        lab.restoreAndCompare(null);
        lab.change(4);
        BackupResult diff = lab.ours(BackupType.DIFF);
        lab.verify();
        lab.restoreAndCompare(diff.label());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theirsThenOurs(Kind kind) throws Exception {
        BackupLab lab = BackupLab.create(server, directory, tool(kind), kind);
        lab.theirs(BackupType.FULL);
        lab.change(5);
        lab.ours(BackupType.DIFF);
        lab.change(6);
        lab.ours(BackupType.INCR);
        lab.change(7);
        lab.theirs(BackupType.INCR);
        lab.verify();
        lab.restoreAndCompare(null);
    }

    /** The distribution's where its format is the final one. */
    private static PgBackRest tool(Kind kind) {
        Optional<PgBackRest> newer = PgBackRest.newer();
        Assumptions.assumeTrue(
                !kind.block() || newer.isPresent(),
                "needs a pgbackrest whose format is the final one");
        return kind.block() ? newer.orElseThrow() : PgBackRest.stock();
    }
}
