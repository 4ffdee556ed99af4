package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.model.Lsn;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlDataTest {
    /** In a page; to its very end; over to the next page; over to the next segment. */
    @ParameterizedTest
    @CsvSource({
        "0/3000028, 0/30000A0",
        "0/3001F88, 0/3002000",
        "0/3001FC0, 0/3002050",
        "0/3FFFFC0, 0/4000060",
    })
    void checkpointEndsBehindItsRecord(String checkpoint, String end) {
        ControlData control =
                new ControlData(
                        1300,
                        202209061,
                        "7",
                        ControlState.SHUT_DOWN,
                        Lsn.parse(checkpoint),
                        Lsn.parse(checkpoint),
                        1,
                        1,
                        Lsn.NONE,
                        0,
                        false,
                        1,
                        true,
                        100,
                        8,
                        10,
                        0,
                        64,
                        false,
                        8192,
                        16 << 20,
                        1);
        assertThat(control.checkpointEnd()).isEqualTo(Lsn.parse(end));
    }
}
