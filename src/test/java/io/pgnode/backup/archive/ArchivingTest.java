package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.testing.PgBackRest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real PostgreSQL archives with our entry and recovers with it; real pgBackRest judges. */
class ArchivingTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private ArchiveLab lab;

    @BeforeEach
    void begin() throws IOException {
        lab = new ArchiveLab(PgBackRest.stock(), Map.of());
    }

    @AfterEach
    void end() throws IOException {
        lab.close();
    }

    private void awaitArchived(String segment) {
        await().atMost(LIMIT).until(() -> lab.archived().contains(segment));
    }

    private void awaitNothingReady() {
        await().atMost(LIMIT).until(() -> lab.primary.ready().isEmpty());
    }

    @Test
    void underLoadEverythingComesBackByPgBackRestAndByUs() throws Exception {
        Archiver archiver = lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
        ArchiveLab.Server copy = lab.server("copy");
        copy.copyOf(lab.primary);
        lab.primary.pgbench("-i", "-s", "3");
        lab.primary.pgbench("-c", "2", "-T", "3");
        String last = lab.primary.switchWal();
        awaitArchived(last);
        awaitNothingReady();
        String expected =
                lab.primary.sql(
                        "SELECT md5(string_agg(a::text, ',' ORDER BY aid)) FROM pgbench_accounts a");
        assertThat(lab.archived()).doesNotHaveDuplicates().hasSizeGreaterThan(20);
        assertThat(archiver.status().failed()).isZero();
        for (Path segment : lab.primary.segments()) {
            String name = segment.getFileName().toString();
            if (lab.archived().contains(name)) {
                Path given = lab.root.resolve("given");
                lab.stock.must("archive-get", name, given.toString());
                assertThat(given).hasSameBinaryContentAs(segment);
                Files.delete(given);
            }
        }

        copy.set(
                "archive_mode = off",
                "restore_command = '" + lab.command("archive-get") + " %f %p'");
        Files.createFile(copy.data.resolve("recovery.signal"));
        copy.start();
        await().atMost(LIMIT).until(() -> copy.sql("SELECT pg_is_in_recovery()").equals("f"));
        assertThat(
                        copy.sql(
                                "SELECT md5(string_agg(a::text, ',' ORDER BY aid)) FROM"
                                        + " pgbench_accounts a"))
                .isEqualTo(expected);
        assertThat(copy.log()).contains("restored log file \"" + last);
    }
}
