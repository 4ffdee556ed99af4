package io.pgnode.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartDelayTest {
    @Test
    void startsAtOnceThenWaitsLongerUpToASecond() {
        List<Long> delays = new ArrayList<>();
        RestartDelay restarts = RestartDelay.NONE;
        for (int i = 0; i < 9; i++) {
            restarts = restarts.ended(Duration.ofMillis(5));
            delays.add(restarts.delay().toMillis());
        }

        assertThat(delays).containsExactly(0L, 50L, 100L, 200L, 400L, 800L, 1000L, 1000L, 1000L);
    }

    @Test
    void aChildThatRanWellStartsAtOnceAgain() {
        RestartDelay restarts = new RestartDelay(20).ended(Duration.ofSeconds(10));

        assertThat(restarts.delay()).isZero();
        assertThat(restarts.ended(Duration.ZERO).delay()).isPositive();
    }
}
