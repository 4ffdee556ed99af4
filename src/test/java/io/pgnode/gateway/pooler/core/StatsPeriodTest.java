package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StatsPeriodTest {
    private static final long SECOND = 1_000_000_000L;

    private static PoolTotals totals(long factor) {
        return new PoolTotals(
                10 * factor,
                20 * factor,
                40 * factor,
                1_000 * factor,
                2_000 * factor,
                60_000 * factor,
                80_000 * factor,
                500 * factor,
                30 * factor,
                5 * factor,
                50 * factor,
                2 * factor);
    }

    @Test
    void averagesAreZeroBeforeAPeriodEnded() {
        assertThat(new StatsPeriod(0).averages("db")).isEqualTo(PoolTotals.ZERO);
    }

    @Test
    void averagesArePerSecondAndTimesPerTransactionAndQuery() {
        StatsPeriod period = new StatsPeriod(0);
        period.end(Map.of("db", totals(1)), 10 * SECOND);
        period.end(Map.of("db", totals(3)), 20 * SECOND);
        PoolTotals averages = period.averages("db");
        assertThat(averages.assignments()).isEqualTo(2);
        assertThat(averages.transactions()).isEqualTo(4);
        assertThat(averages.queries()).isEqualTo(8);
        assertThat(averages.received()).isEqualTo(200);
        assertThat(averages.sent()).isEqualTo(400);
        assertThat(averages.transactionMicros()).isEqualTo(3_000);
        assertThat(averages.queryMicros()).isEqualTo(2_000);
        assertThat(averages.waitMicros()).isEqualTo(100);
        assertThat(averages.clientParses()).isEqualTo(6);
        assertThat(averages.serverParses()).isEqualTo(1);
        assertThat(averages.binds()).isEqualTo(10);
        assertThat(period.averages()).isEqualTo(averages);
    }

    @Test
    void aQuietPeriodAveragesToZero() {
        StatsPeriod period = new StatsPeriod(0);
        period.end(Map.of("db", totals(1)), SECOND);
        period.end(Map.of("db", totals(1)), 2 * SECOND);
        assertThat(period.averages("db")).isEqualTo(PoolTotals.ZERO);
    }
}
