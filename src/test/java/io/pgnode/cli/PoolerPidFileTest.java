package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolerPidFileTest {
    @TempDir Path dir = Path.of("");

    @Test
    void holdsOurNumberUntilItIsReleased() throws Exception {
        Path path = dir.resolve("pid");
        PoolerPidFile file = new PoolerPidFile(path.toString());

        file.claim(Duration.ZERO);

        assertThat(path).hasContent(Long.toString(ProcessHandle.current().pid()));
        file.release();
        assertThat(path).doesNotExist();
    }

    @Test
    void takesTheNumberOfTheDeadAndRespectsTheLiving() throws Exception {
        Path path = dir.resolve("pid");
        PoolerPidFile file = new PoolerPidFile(path.toString());
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(path, other.pid() + "\n");

            assertThatThrownBy(() -> file.claim(Duration.ZERO))
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("another instance running?");

            file.claim(Duration.ofSeconds(20));
            assertThat(other.isAlive()).isFalse();
            assertThat(path).hasContent(Long.toString(ProcessHandle.current().pid()));
        } finally {
            other.destroyForcibly();
        }
    }
}
