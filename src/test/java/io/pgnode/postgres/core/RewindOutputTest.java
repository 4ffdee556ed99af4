package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RewindOutputTest {
    private static final String BEGIN =
            "pg_rewind: connected to server\n"
                    + "pg_rewind: servers diverged at WAL location 0/3000000 on timeline 1\n";

    @Test
    void tellsWhenNothingWasToDo() {
        assertThat(RewindOutput.isNotNeeded(BEGIN + "pg_rewind: no rewind required\n")).isTrue();
        assertThat(RewindOutput.isNotNeeded(BEGIN)).isFalse();
    }

    @Test
    void missingWalIsSeenBeforeAnythingChanged() {
        String output =
                BEGIN
                        + "pg_rewind: error: could not open file \"/d/pg_wal/00000001000000000000"
                        + "0002\": No such file or directory\n"
                        + "pg_rewind: fatal: could not find previous WAL record at 0/2000100\n";
        assertThat(RewindOutput.isMissingWal(output)).isTrue();
        assertThat(RewindOutput.hasChangedTarget(output)).isFalse();
        assertThat(RewindOutput.isConnectionFailure(output)).isFalse();
    }

    @Test
    void failureWhileCopyingLeavesAnUnusableTarget() {
        assertThat(
                        RewindOutput.hasChangedTarget(
                                BEGIN
                                        + "pg_rewind: need to copy 50 MB (total source directory"
                                        + " size is 70 MB)\npg_rewind: error: could not fetch"))
                .isTrue();
        // Only the end of a long output is kept.
        assertThat(RewindOutput.hasChangedTarget(" 1024/51200 kB (2%) copied\n")).isTrue();
    }

    @Test
    void refusedConnectionIsNotADefectOfTheTarget() {
        assertThat(
                        RewindOutput.isConnectionFailure(
                                "pg_rewind: error: connection to server at \"10.0.0.1\", port 5432"
                                        + " failed: Connection refused"))
                .isTrue();
    }
}
