package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    private static final long SEED = 20261120;

    @Test
    void quantilesAreAtMostAnEighthTooLargeAndNeverTooSmall() {
        Random random = new Random(SEED);
        LatencyHistogram histogram = new LatencyHistogram();
        long[] micros = new long[10_000];
        for (int i = 0; i < micros.length; i++) {
            micros[i] = (long) Math.exp(random.nextDouble() * 20);
            histogram.record(micros[i] * 1_000);
        }
        Arrays.sort(micros);
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = micros[(int) Math.ceil(share * micros.length) - 1];
            assertThat(histogram.quantileMicros(share))
                    .as("share %s of seed %s", share, SEED)
                    .isBetween(exact, exact + exact / 8 + 1);
        }
        assertThat(histogram.count()).isEqualTo(micros.length);
        assertThat(histogram.sumNanos()).isEqualTo(Arrays.stream(micros).sum() * 1_000);
        assertThat(histogram.maxNanos()).isEqualTo(micros[micros.length - 1] * 1_000);
    }

    @Test
    void countsExactlyBelowPowersOfTwo() {
        LatencyHistogram histogram = new LatencyHistogram();
        for (long micros = 0; micros < 5_000; micros++) {
            histogram.record(micros * 1_000 + 999);
        }
        for (int power = 0; power <= 12; power++) {
            assertThat(histogram.countUpTo((1L << power) - 1)).isEqualTo(1L << power);
        }
    }

    @Test
    void extremesAreCounted() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(-5);
        histogram.record(Long.MAX_VALUE / 2);
        assertThat(histogram.count()).isEqualTo(2);
        assertThat(histogram.quantileMicros(0.5)).isZero();
        assertThat(histogram.quantileMicros(1)).isGreaterThan(1L << 35);
        assertThat(new LatencyHistogram().quantileMicros(0.5)).isZero();
    }

    @Test
    void addsUp() {
        LatencyHistogram one = new LatencyHistogram();
        LatencyHistogram other = new LatencyHistogram();
        one.record(1_000_000);
        other.record(3_000_000);
        other.record(2_000_000);
        one.add(other);
        assertThat(one.count()).isEqualTo(3);
        assertThat(one.sumNanos()).isEqualTo(6_000_000);
        assertThat(one.maxNanos()).isEqualTo(3_000_000);
        assertThat(one.countUpTo(1_023)).isEqualTo(1);
    }
}
