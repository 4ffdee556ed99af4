package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StallWatchTest {
    private final StallWatch watch = new StallWatch(Duration.ofNanos(10), 100);

    @Test
    void roundsOnTimeJudge() {
        assertThat(watch.isAfterStall(110)).isFalse();
        assertThat(watch.isAfterStall(120)).isFalse();
    }

    @Test
    void onlyTheRoundAfterAStallDoesNot() {
        assertThat(watch.isAfterStall(111)).isTrue();
        assertThat(watch.isAfterStall(121)).isFalse();
    }
}
