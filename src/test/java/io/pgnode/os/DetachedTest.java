package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetachedTest {
    @TempDir Path directory;

    @Test
    void startsTheProgramItselfInASessionOfItsOwn() throws IOException {
        Path output = directory.resolve("out");
        String script = "echo $$ $1 $A ${B-none} ${NOTIFY_SOCKET-none}; exec sleep 20";

        ProcessIdentity process =
                Detached.start(
                        List.of("sh", "-c", script, "sh", "two words"),
                        Map.of("A", "1", "B", "", "NOTIFY_SOCKET", "x"),
                        output);

        try {
            await().until(() -> Files.readString(output).endsWith("\n"));
            assertThat(Files.readString(output))
                    .isEqualTo(process.pid() + " two words 1 none none\n");
            assertThat(sessionOf(process.pid())).isEqualTo(process.pid());
            assertThat(process.isAlive()).isTrue();
        } finally {
            Signals.send(process, Signal.KILL);
        }
    }

    private static long sessionOf(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
    }
}
