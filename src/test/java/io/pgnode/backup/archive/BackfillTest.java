package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On segments that a real server wrote. */
class BackfillTest {
    private static final int SIZE = 16 << 20;
    private static final int WRITTEN = 4;

    @TempDir static Path written;

    /** In order; the last one is still written to. */
    private static final List<WalSegment> SEGMENTS = new ArrayList<>();

    @TempDir Path wal;
    private final FakeWal first = new FakeWal(1);
    private final FakeWal second = new FakeWal(2);
    private Backfill backfill = new Backfill(written, List.of());

    @BeforeAll
    static void write() throws Exception {
        try (RealPostgres server = RealPostgres.create("backfill").bootstrap()) {
            for (int i = 0; i < WRITTEN; i++) {
                server.sql("CREATE TABLE t" + i + " AS SELECT generate_series(1, 1000) AS i");
                server.sql("SELECT pg_switch_wal()");
            }
            server.sql("CREATE TABLE last AS SELECT 1 AS i");
            Lsn now = Lsn.parse(Objects.requireNonNull(server.sql("SELECT pg_current_wal_lsn()")));
            WalSegment current = WalSegment.holding(1, now, SIZE);
            for (int i = WRITTEN; i >= 0; i--) {
                SEGMENTS.add(WalSegment.ofNumber(1, current.number(SIZE) - i, SIZE));
            }
            for (WalSegment segment : SEGMENTS) {
                Files.copy(
                        server.settings().dataDir().resolve("pg_wal/" + segment),
                        written.resolve(segment.text()));
            }
        }
    }

    @AfterAll
    static void forget() {
        SEGMENTS.clear();
    }

    @BeforeEach
    void copy() throws IOException {
        for (WalSegment segment : SEGMENTS) {
            Files.copy(written.resolve(segment.text()), wal.resolve(segment.text()));
        }
        backfill = new Backfill(wal, List.of(first, second));
    }

    /** A timeline that left the first one. */
    private void leaves(Lsn at, FakeWal... repositories) {
        for (FakeWal repository : repositories) {
            repository.stored.put(
                    "00000002.history",
                    ("1\t" + at + "\tno recovery target specified\n")
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Lsn inLast() {
        return new Lsn(SEGMENTS.getLast().start(SIZE).value() + 100);
    }

    private static List<String> names(int from, int to) {
        return SEGMENTS.subList(from, to).stream().map(WalSegment::text).toList();
    }

    @Test
    void doesNothingWhileTheTimelineGoesOn() throws Exception {
        assertThat(backfill.run()).isZero();
        assertThat(first.pushes).isEmpty();
    }

    @Test
    void archivesWhatIsMissingInEachRepositoryUpToTheSwitch() throws Exception {
        leaves(inLast(), first, second);
        first.stored.put(
                SEGMENTS.get(1).text(), Files.readAllBytes(wal.resolve(SEGMENTS.get(1).text())));
        assertThat(backfill.run()).isEqualTo(2 * WRITTEN - 1);
        assertThat(first.pushes)
                .containsExactlyElementsOf(
                        Stream.concat(names(0, 1).stream(), names(2, WRITTEN).stream()).toList());
        assertThat(second.pushes).containsExactlyElementsOf(names(0, WRITTEN));
        assertThat(backfill.run()).isZero();
    }

    @Test
    void leavesAloneWhatComesAfterTheSwitch() throws Exception {
        leaves(SEGMENTS.get(2).start(SIZE), first);
        backfill.run();
        assertThat(first.pushes).containsExactlyElementsOf(names(0, 2));
    }

    @Test
    void leavesAloneWhatIsNotReceivedWholly() throws Exception {
        leaves(new Lsn(SEGMENTS.getLast().start(SIZE).value() + 10L * SIZE), first);
        backfill.run();
        assertThat(first.pushes).doesNotContain(SEGMENTS.getLast().text());
    }

    @Test
    void leavesAloneFilesThatWaitToBeWrittenAgain() throws Exception {
        WalSegment later = SEGMENTS.getLast().next(SIZE);
        Files.copy(wal.resolve(SEGMENTS.getFirst().text()), wal.resolve(later.text()));
        Files.copy(wal.resolve(SEGMENTS.getFirst().text()), wal.resolve(later.next(SIZE).text()));
        leaves(new Lsn(later.start(SIZE).value() + 10L * SIZE), first);
        backfill.run();
        assertThat(first.pushes).containsExactlyElementsOf(names(0, WRITTEN));
    }
}
