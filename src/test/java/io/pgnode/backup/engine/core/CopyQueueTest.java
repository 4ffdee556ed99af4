package io.pgnode.backup.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.ManifestFile;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyQueueTest {
    private static final List<CopyJob> JOBS =
            List.of(
                    job("pg_data/base/1/1", 5),
                    job("pg_data/base/1/2", 100),
                    job("pg_data/base/1/3", 30),
                    job("pg_data/base/1/4", 7),
                    job("pg_tblspc/16384/PG_15_1/5/9", 50),
                    job("pg_tblspc/16384/PG_15_1/5/8", 10));

    private static CopyJob job(String name, long size) {
        return new CopyJob(
                ManifestFile.listed(name, size, Instant.EPOCH, null, null, 0600), null, null);
    }

    @Test
    void givesTheLargestFirstAndWorkersDifferentTablespaces() {
        CopyQueue queue = new CopyQueue(JOBS, false, 0, 0);
        assertThat(names(queue.next(0))).containsExactly("pg_data/base/1/2");
        assertThat(names(queue.next(1))).containsExactly("pg_tblspc/16384/PG_15_1/5/9");
        assertThat(names(queue.next(1))).containsExactly("pg_tblspc/16384/PG_15_1/5/8");
        assertThat(names(queue.next(1))).containsExactly("pg_data/base/1/3");
        assertThat(names(queue.next(0))).containsExactly("pg_data/base/1/4");
        assertThat(names(queue.next(0))).containsExactly("pg_data/base/1/1");
        assertThat(names(queue.next(0))).isEmpty();
    }

    @Test
    void bundlesSmallFilesOfOneTablespaceUpToASize() {
        CopyQueue queue = new CopyQueue(JOBS, true, 30, 36);
        assertThat(queue.next(0).isBundle()).isFalse();
        CopyQueue.Batch bundle = queue.next(0);
        assertThat(bundle.isBundle()).isTrue();
        assertThat(names(bundle)).containsExactly("pg_data/base/1/3", "pg_data/base/1/4");
        assertThat(names(queue.next(0))).containsExactly("pg_data/base/1/1");
        assertThat(queue.next(0).isBundle()).isFalse();
        assertThat(queue.next(0).isBundle()).isTrue();
        assertThat(queue.next(0).jobs()).isEmpty();
    }

    private static List<String> names(CopyQueue.Batch batch) {
        return batch.jobs().stream().map(job -> job.file().name()).toList();
    }
}
