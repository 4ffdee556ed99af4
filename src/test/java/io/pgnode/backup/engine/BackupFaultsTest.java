package io.pgnode.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.engine.BackupLab.Kind;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.Storages;
import io.pgnode.testing.FaultyStorage;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup dies at each of its steps, and the next one heals it. */
@Tag("soak")
class BackupFaultsTest {
    @TempDir private Path directory;

    @Test
    void fullAndIncrementalAtEachStep() throws Exception {
        PgBackRest tool = PgBackRest.newer().orElseThrow();
        try (RealPostgres server = BackupLab.server("faults")) {
            Kind kind = new Kind(CompressType.LZ4, true, true, true);
            BackupLab lab = BackupLab.create(server, directory, tool, kind);
            lab.options = lab.options.toBuilder().saveBytes(0).build();
            try (Storage storage = Storages.open(lab.repository.storage())) {
                for (BackupType type : new BackupType[] {BackupType.FULL, BackupType.INCR}) {
                    FaultyStorage counting = FaultyStorage.counting(storage);
                    lab.change(1);
                    lab.ours(type, counting);
                    for (int step = 0; step < counting.steps(); step++) {
                        lab.change(step);
                        FaultyStorage faulty = FaultyStorage.killedAt(storage, step);
                        BackupException e =
                                catchThrowableOfType(
                                        BackupException.class, () -> lab.ours(type, faulty));
                        assertThat(e != null || faulty.hasFailed()).as("step %d", step).isTrue();
                        if (step % 3 == 0) {
                            lab.ours(type);
                            lab.verify();
                        }
                    }
                    lab.restoreAndCompare(lab.ours(type).label());
                }
            }
        }
    }
}
