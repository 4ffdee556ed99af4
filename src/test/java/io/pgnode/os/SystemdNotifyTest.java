package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdNotifyTest {
    @TempDir Path directory;

    @Test
    void sendsEachMessageAsOneDatagram() throws IOException {
        String address = directory.resolve("notify").toString();
        SystemdNotify systemd = new SystemdNotify(address);
        try (DatagramReceiver receiver = new DatagramReceiver(address)) {
            systemd.ready();
            systemd.reloading(123);
            systemd.watchdog();
            systemd.status("leader\nof pg-test");
            systemd.stopping();
            systemd.mainPid(42);

            assertThat(receiver.receive()).isEqualTo("READY=1");
            assertThat(receiver.receive()).isEqualTo("RELOADING=1\nMONOTONIC_USEC=123");
            assertThat(receiver.receive()).isEqualTo("WATCHDOG=1");
            assertThat(receiver.receive()).isEqualTo("STATUS=leader of pg-test");
            assertThat(receiver.receive()).isEqualTo("STOPPING=1");
            assertThat(receiver.receive()).isEqualTo("MAINPID=42");
        }
    }

    @Test
    void reachesAnAbstractSocket() throws IOException {
        String address = "@pgnode-test-" + ProcessHandle.current().pid();
        try (DatagramReceiver receiver = new DatagramReceiver(address)) {
            new SystemdNotify(address).ready();

            assertThat(receiver.receive()).isEqualTo("READY=1");
        }
    }

    @Test
    void isSilentWithoutSystemd() {
        SystemdNotify none = new SystemdNotify(null);

        assertThat(none.isActive()).isFalse();
        assertThatCode(none::ready).doesNotThrowAnyException();
    }

    @Test
    void saysWhyItCannotSend() {
        SystemdNotify systemd = new SystemdNotify(directory + "/nobody");

        assertThatThrownBy(systemd::ready)
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "cannot send to "
                                + directory
                                + "/nobody: no such file or directory (ENOENT)");
    }
}
