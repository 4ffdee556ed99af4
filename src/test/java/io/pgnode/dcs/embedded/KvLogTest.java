package io.pgnode.dcs.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvLogTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir Path directory;

    private KvLog.Opened open(long nowNanos) throws IOException {
        return KvLog.open(directory.resolve("data"), 100, () -> 5_000, nowNanos);
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data"))) {
            return files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
        }
    }

    private static void put(KvLog.Opened opened, String key, String value, long lease)
            throws IOException {
        List<KvRecord> changes = new ArrayList<>();
        KvEngine.note(
                opened.state()
                        .apply(
                                KvTxn.of(
                                        new KvTxn.Op.Put(
                                                Bytes.utf8(key), Bytes.utf8(value), lease)))
                        .batch(),
                changes);
        opened.log().append(changes);
    }

    @Test
    void anyHistoryReadsBackTheSame() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            Path data = directory.resolve("data-" + seed);
            Random random = new Random(seed);
            KvLog.Opened opened = KvLog.open(data, 100, () -> 1, 0);
            for (int i = 0; i < 5; i++) {
                List<KvRecord> records =
                        KvStateTest.randomHistory(opened.state(), random, 1 + random.nextInt(40));
                if (!records.isEmpty()) {
                    opened.log().append(records);
                }
                if (random.nextInt(4) == 0) {
                    opened.log().replaceBy(opened.state().image());
                }
            }
            KvState.Image before = opened.state().image();
            opened.log().close();

            KvLog.Opened again = KvLog.open(data, 100, () -> 1, 0);
            KvStateTest.assertSame(again.state().image(), before);
            again.log().close();
            try (Stream<Path> files = Files.list(data)) {
                assertThat(files).hasSize(2); // the state and the lock
            }
        }
    }

    @Test
    void leasesHaveTheirWholeTimeAgain() throws IOException {
        KvLog.Opened opened = open(0);
        long id = opened.state().grant(0, 10 * SECOND, 0);
        opened.log()
                .append(List.of(new KvRecord.Grant(id, 10 * SECOND, opened.state().nextLeaseId())));
        put(opened, "a", "1", id);
        opened.log().close();

        KvLog.Opened again = open(900 * SECOND);

        assertThat(again.state().lease(id, 900 * SECOND).remainingNanos()).isEqualTo(10 * SECOND);
        assertThat(again.state().grant(0, SECOND, 0)).isNotEqualTo(id);
        assertThat(again.state().expire(910 * SECOND)).hasSize(2);
        again.log().close();
    }

    @Test
    void tornEndIsCutOffWhereverItIsTorn() throws IOException {
        KvLog.Opened opened = open(0);
        put(opened, "a", "1", 0);
        long intact = Files.size(file());
        put(opened, "b", "2", 0);
        opened.log().close();
        byte[] whole = Files.readAllBytes(file());

        for (int length = (int) intact; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            Files.write(file(), torn);
            assertTorn(intact);
            if (length > intact + 25) {
                byte[] damaged = Arrays.copyOf(whole, whole.length);
                damaged[length] ^= 0x40;
                Files.write(file(), damaged);
                assertTorn(intact);
            }
        }
    }

    private void assertTorn(long intact) throws IOException {
        KvLog.Opened again = open(0);
        assertThat(again.state().image().entries()).hasSize(1);
        assertThat(Files.size(file())).isEqualTo(intact);
        again.log().close();
    }

    @Test
    void damageBeforeAnIntactWriteIsRefused() throws IOException {
        KvLog.Opened opened = open(0);
        put(opened, "a", "1", 0);
        int offset = (int) Files.size(file());
        put(opened, "b", "2", 0);
        put(opened, "c", "3", 0);
        opened.log().close();
        byte[] bytes = Files.readAllBytes(file());
        bytes[offset + 30] ^= 1;
        Files.write(file(), bytes);

        assertThatThrownBy(() -> open(0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged at offset " + offset)
                .hasMessageContaining("HINT");
        assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
    }

    @Test
    void directoryServesOneProcessOnly() throws IOException {
        KvLog.Opened opened = open(0);
        assertThatThrownBy(() -> open(0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in use");
        opened.log().close();
        open(0).log().close();
    }

    @Test
    void grownFileIsReplaced() throws IOException {
        KvLog.Opened opened = open(0);
        String big = "x".repeat(1 << 20);
        for (int i = 0; !opened.log().shouldBeReplaced(); i++) {
            put(opened, "a", big + i, 0);
            assertThat(i).isLessThan(100);
        }
        long before = Files.size(file());
        opened.state().compact(opened.state().revision());
        opened.log().replaceBy(opened.state().image());
        assertThat(Files.size(file())).isLessThan(before / 2);
        put(opened, "b", "1", 0);
        opened.log().close();

        KvLog.Opened again = open(0);
        assertThat(again.state().image().entries()).hasSize(2);
        again.log().close();
    }

    @Test
    void filesAreForTheirOwnerOnly() throws IOException {
        open(0).log().close();
        assertThat(Files.getPosixFilePermissions(directory.resolve("data"))).hasSize(3);
        assertThat(Files.getPosixFilePermissions(file())).hasSize(2);
    }
}
