package io.pgnode.backup.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void waitsForWhatWasTakenOnCredit() {
        TokenBucket bucket = new TokenBucket(1000, 0);
        assertThat(bucket.take(250, 0)).isZero();
        assertThat(bucket.take(1000, 0)).isEqualTo(SECOND);
        assertThat(bucket.take(1000, SECOND)).isEqualTo(SECOND);
    }

    @Test
    void savesAQuarterOfASecond() {
        TokenBucket bucket = new TokenBucket(1000, 0);
        assertThat(bucket.take(1250, 100 * SECOND)).isEqualTo(SECOND);
    }
}
