package io.pgnode.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WriteLogTest {
    private final WriteLog log = new WriteLog(0);

    @Test
    void measuresTheLongestPauseSinceTheMark() {
        log.acknowledge(1, 500);
        log.mark(600);
        log.acknowledge(2, 620);
        log.acknowledge(3, 700);

        assertThat(log.longestPauseNanos(710)).isEqualTo(120);
        assertThat(log.sinceMark()).isEqualTo(2);
    }

    @Test
    void aPauseThatGoesOnCountsToo() {
        log.acknowledge(1, 10);
        log.mark(20);

        assertThat(log.longestPauseNanos(1010)).isEqualTo(1000);
        assertThat(log.silentNanos(1010)).isEqualTo(1000);
    }

    @Test
    void remembersEveryAcknowledgedRow() {
        log.acknowledge(1, 10);
        log.mark(20);
        log.acknowledge(3, 30);

        assertThat(log.acknowledged()).containsExactly(1L, 3L);
    }
}
