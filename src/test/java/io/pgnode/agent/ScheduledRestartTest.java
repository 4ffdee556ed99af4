package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.agent.Operations.RestartRequest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ScheduledRestartTest {
    private static final Instant WHEN = Instant.parse("2030-01-02T03:04:05Z");

    @Test
    void showsWhatWasAskedFor() {
        assertThat(
                        ScheduledRestart.json(
                                new RestartRequest(
                                        true, "replica", "15.4", Duration.ofMinutes(2), WHEN),
                                WHEN,
                                1795171473466L))
                .isEqualTo(
                        "{\"schedule\":\"2030-01-02T03:04:05+00:00\",\"role\":\"replica\","
                                + "\"postgres_version\":\"15.4\",\"restart_pending\":true,"
                                + "\"timeout\":120,\"postmaster_start_time\":"
                                + "\"2026-11-20 10:44:33.466000+00:00\"}");
    }

    @Test
    void showsNothingElse() {
        assertThat(ScheduledRestart.json(new RestartRequest(false, "", "", null, WHEN), WHEN, 0))
                .isEqualTo(
                        "{\"schedule\":\"2030-01-02T03:04:05+00:00\",\"postmaster_start_time\":"
                                + "\"1970-01-01 00:00:00.000000+00:00\"}");
    }
}
