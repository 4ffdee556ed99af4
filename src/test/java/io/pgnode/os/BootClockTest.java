package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BootClockTest {
    @Test
    void agreesWithTheKernelsUptime() throws IOException {
        BootClock clock = new BootClock();
        double uptime =
                Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", -1)[0]);

        long nanos = clock.getAsLong();

        assertThat(nanos / 1e9).isBetween(uptime - 0.02, uptime + 1);
        assertThat(clock.getAsLong()).isGreaterThanOrEqualTo(nanos);
    }
}
