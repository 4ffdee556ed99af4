package io.pgnode.backup.restore.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestorePaceTest {
    @Test
    void whatIsLeftIsSaidWhenSomethingWasMeasured() {
        assertThat(RestorePace.left(25, 100, Duration.ofSeconds(4)))
                .isEqualTo(Duration.ofSeconds(12));
        assertThat(RestorePace.left(25, 100, Duration.ofMillis(1999))).isZero();
        assertThat(RestorePace.left(0, 100, Duration.ofSeconds(4))).isZero();
        assertThat(RestorePace.left(100, 100, Duration.ofSeconds(4))).isZero();
    }
}
