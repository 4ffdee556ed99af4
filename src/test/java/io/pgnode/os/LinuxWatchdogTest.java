package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a plain file in place of the device, and a fake ioctl. */
class LinuxWatchdogTest {
    @TempDir Path directory;
    private Path device;

    @BeforeEach
    void createDevice() throws IOException {
        device = Files.createFile(directory.resolve("watchdog"));
    }

    @Test
    void setsTheTimeFeedsAndClosesWithTheMagicByte() throws IOException {
        List<String> calls = new ArrayList<>();
        LinuxWatchdog watchdog =
                new LinuxWatchdog(
                        device,
                        (_, request, argument) -> {
                            calls.add(Long.toHexString(request) + "=" + argument);
                            return argument + 1;
                        });

        assertThat(watchdog.arm(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(6));
        watchdog.feed();
        watchdog.feed();
        watchdog.close();

        assertThat(calls).containsExactly("c0045706=5");
        assertThat(device).hasContent("\n\nV");
        assertThat(watchdog.isArmed()).isFalse();
    }

    @Test
    void takesAFixedTimeThatIsShortEnough() throws IOException {
        try (LinuxWatchdog watchdog = new LinuxWatchdog(device, fixed(4))) {
            assertThat(watchdog.arm(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(4));
        }
    }

    @Test
    void refusesAFixedTimeThatIsTooLongAndStopsTheTimer() {
        LinuxWatchdog watchdog = new LinuxWatchdog(device, fixed(60));

        assertThatThrownBy(() -> watchdog.arm(Duration.ofSeconds(5)))
                .hasMessage(device + " has a fixed timeout of 60 s, wanted at most 5 s");

        assertThat(device).hasContent("V");
        assertThat(watchdog.isArmed()).isFalse();
    }

    @Test
    void aFileThatIsNoWatchdogIsRefused() {
        LinuxWatchdog watchdog = new LinuxWatchdog(device);

        assertThatThrownBy(() -> watchdog.arm(Duration.ofSeconds(5)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not supported by the device");
    }

    private static LinuxWatchdog.IoControl fixed(int seconds) {
        return (_, request, _) -> {
            if (request == LinuxWatchdog.SET_TIMEOUT) {
                throw new ErrnoException("ioctl", Errno.EOPNOTSUPP);
            }
            return seconds;
        };
    }
}
