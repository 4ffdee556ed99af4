package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PresetTest {
    @ParameterizedTest
    @EnumSource
    void keepsTheLeaseArithmetic(Preset preset) {
        Timings timings = preset.timings();
        assertThat(timings.shortestTtl()).isLessThanOrEqualTo(timings.ttl());
        assertThat(timings.ttl().toSeconds())
                .isGreaterThanOrEqualTo(DynamicConfigCheck.MIN_TTL_SECONDS);
    }

    @ParameterizedTest
    @CsvSource({"LAN,3,1,1,5000", "FAST,5,1,2,7000", "NORM,10,2,4,12000", "WIDE,30,10,10,32000"})
    void boundsTheLossOfANode(Preset preset, int ttl, int wait, int retry, long millis) {
        assertThat(preset.timings())
                .isEqualTo(
                        new Timings(
                                Duration.ofSeconds(ttl),
                                Duration.ofSeconds(wait),
                                Duration.ofSeconds(retry)));
        assertThat(preset.worstCaseRecovery().nodeLost()).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void keepsTheOtherBoundsApartFromTheLease() {
        RecoveryTime worst = Preset.WIDE.worstCaseRecovery();
        assertThat(worst.postmasterKilled()).isEqualTo(Duration.ofMillis(1500));
        assertThat(worst.switchover()).isEqualTo(Duration.ofSeconds(1));
        assertThat(worst.agentStopped()).isEqualTo(Duration.ofMillis(2500));
    }
}
