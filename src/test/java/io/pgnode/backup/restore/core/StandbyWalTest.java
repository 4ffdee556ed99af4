package io.pgnode.backup.restore.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.WalSegment;
import io.pgnode.postgres.core.HistoryFile;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Timeline 2 leaves 1 in segment 4. */
class StandbyWalTest {
    private static final int SIZE = 16 << 20;
    private static final TimelinePath PATH =
            TimelinePath.to(2, HistoryFile.parse("1\t0/4000500\tx\n"));

    private static StandbyWal of(String... archived) {
        return StandbyWal.of(
                PATH,
                WalInventory.of(
                        Arrays.stream(archived).map(StandbyWalTest::segment).toList(), SIZE),
                segment("1:2"));
    }

    private static WalSegment segment(String text) {
        String[] parts = text.split(":", 2);
        return WalSegment.ofNumber(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), SIZE);
    }

    @Test
    void streamsFromTheFirstSegmentThatIsNotThere() {
        assertThat(of("1:2", "1:3", "2:4", "2:5")).isEqualTo(new StandbyWal(segment("2:6"), 0));
        assertThat(of("1:2")).isEqualTo(new StandbyWal(segment("1:3"), 0));
        assertThat(of("1:2", "1:3")).isEqualTo(new StandbyWal(segment("2:4"), 0));
    }

    @Test
    void theSegmentThatWasLeftLeadsAstrayUntilTheOtherIsThere() {
        assertThat(of("1:2", "1:3", "1:4", "1:5")).isEqualTo(new StandbyWal(segment("2:4"), 1));
        assertThat(of("1:2", "1:3", "1:4", "1:5", "2:4"))
                .isEqualTo(new StandbyWal(segment("2:5"), 0));
    }
}
