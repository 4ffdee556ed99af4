package io.pgnode.backup.restore.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RangePlanTest {
    private record Part(long offset, long length) {}

    @Test
    void whatLiesCloseComesTogether() {
        Part first = new Part(0, 100);
        Part second = new Part(200_000, 100);
        Part far = new Part(10_000_000, 100);

        var plans = RangePlan.of(List.of(far, second, first), Part::offset, Part::length);

        assertThat(plans)
                .containsExactly(
                        new RangePlan<>(0, 200_100, List.of(first, second)),
                        new RangePlan<>(10_000_000, 100, List.of(far)));
    }

    @Test
    void aRequestHasALimitButALargePartIsNotCut() {
        Part large = new Part(0, 20_000_000);
        Part next = new Part(20_000_000, 5_000_000);
        Part last = new Part(25_000_000, 5_000_000);

        var plans = RangePlan.of(List.of(large, next, last), Part::offset, Part::length);

        assertThat(plans)
                .extracting(RangePlan::length)
                .containsExactly(20_000_000L, 5_000_000L, 5_000_000L);
    }
}
