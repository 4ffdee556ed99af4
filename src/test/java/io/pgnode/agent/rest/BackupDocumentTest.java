package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.Labels;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackupDocumentTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:10.500Z");
    private static final Labels LABELS = Labels.of("scope", "pg-test", "name", "pg-test-1");

    private final BackupDocument document =
            new BackupDocument(new JsonText(), InstantSource.fixed(NOW));

    private static BackupStatus busy(boolean isHere) {
        return new BackupStatus(
                "main",
                Instant.parse("2026-11-21T12:00:08Z"),
                new BackupStatus.Running(
                        isHere ? "pg-test-1" : "pg-test-2",
                        "incr",
                        Instant.parse("2026-11-21T12:00:00Z"),
                        Instant.parse("2026-11-21T12:00:01Z"),
                        7,
                        isHere,
                        1 << 20,
                        5 << 20,
                        1 << 20),
                List.of(
                        new BackupStatus.Last(
                                "full",
                                "failed",
                                "pg-test-2",
                                null,
                                Instant.parse("2026-11-21T10:00:00Z"),
                                Instant.parse("2026-11-21T10:00:30Z"),
                                "the disk is full",
                                Instant.parse("2026-11-20T10:00:00Z"),
                                Instant.parse("2026-11-21T10:00:30Z"))),
                new BackupStatus.Archiver(
                        42,
                        "00000001000000000000002A",
                        Instant.parse("2026-11-21T12:00:00Z"),
                        0,
                        null,
                        null,
                        3));
    }

    @Test
    void tellsWhatRunsAndWhatRan() {
        assertThat(document.print(busy(true)))
                .isEqualTo(
                        "{\"stanza\": \"main\", \"seen\": \"2026-11-21T12:00:08Z\", \"running\":"
                                + " {\"member\": \"pg-test-1\", \"type\": \"incr\", \"slot\":"
                                + " \"2026-11-21T12:00:00Z\", \"started\":"
                                + " \"2026-11-21T12:00:01Z\", \"epoch\": 7, \"complete_bytes\":"
                                + " 1048576, \"size_bytes\": 5242880, \"bytes_per_second\":"
                                + " 1048576, \"seconds_left\": 4}, \"last\": [{\"type\": \"full\","
                                + " \"result\": \"failed\", \"member\": \"pg-test-2\", \"slot\":"
                                + " null, \"started\": \"2026-11-21T10:00:00Z\", \"finished\":"
                                + " \"2026-11-21T10:00:30Z\", \"error\": \"the disk is full\","
                                + " \"last_success\": \"2026-11-20T10:00:00Z\"}], \"archiver\":"
                                + " {\"archived_count\": 42, \"last_archived_wal\":"
                                + " \"00000001000000000000002A\", \"last_archived_time\":"
                                + " \"2026-11-21T12:00:00Z\", \"failed_count\": 0,"
                                + " \"last_failed_wal\": null, \"last_failed_time\": null,"
                                + " \"ready_count\": 3}}");
    }

    @Test
    void beforeAnythingIsKnown() {
        assertThat(document.print(new BackupStatus("main", null, null, List.of(), null)))
                .isEqualTo(
                        "{\"stanza\": \"main\", \"seen\": null, \"running\": null, \"last\": [],"
                                + " \"archiver\": null}");
    }

    @Test
    void metricsOfTheMemberThatMakesIt() {
        Exposition out = new Exposition();
        document.write(busy(true), LABELS, out);
        assertThat(out.text().lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        sample("running", "1"),
                        sample("complete_bytes", "1048576"),
                        sample("size_bytes", "5242880"),
                        sample("last_timestamp_seconds", "type", "full", "done", "1795168800"),
                        sample("last_timestamp_seconds", "type", "full", "failed", "1795255230"),
                        sample("dcs_age_seconds", "2.5"),
                        sample("wal_archived_total", "42"),
                        sample("wal_failed_total", "0"),
                        sample("wal_last_archived_timestamp_seconds", "1795262400"),
                        sample("wal_ready_files", "3"));
        assertThat(out.text()).contains("# TYPE pgnode_backup_wal_archived_total counter\n");
    }

    @Test
    void anotherMembersBackupIsNotCountedTwice() {
        Exposition out = new Exposition();
        document.write(busy(false), LABELS, out);
        assertThat(out.text())
                .contains(sample("running", "0"), sample("size_bytes", "0"))
                .doesNotContain("5242880");
    }

    private static String sample(String name, String value) {
        return "pgnode_backup_" + name + "{scope=\"pg-test\",name=\"pg-test-1\"} " + value;
    }

    private static String sample(
            String name, String label, String type, String result, String value) {
        return "pgnode_backup_%s{scope=\"pg-test\",name=\"pg-test-1\",%s=\"%s\",result=\"%s\"} %s"
                .formatted(name, label, type, result, value);
    }
}
