package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcessInfoTest {
    @Test
    void parsesNamesWithBlanksAndParentheses() {
        String stat =
                "42 (a) S (b c) T 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 50";

        ProcessInfo info = ProcessInfo.parse(stat).orElseThrow();

        assertThat(info)
                .isEqualTo(new ProcessInfo(new ProcessIdentity(42, 98765), 'T', 7, "a) S (b c"));
        assertThat(info.isStopped()).isTrue();
    }

    @Test
    void rejectsATruncatedLine() {
        assertThat(ProcessInfo.parse("42 (sleep) S 7 42")).isEmpty();
    }

    @Test
    void describesThisProcess() {
        long pid = ProcessHandle.current().pid();

        ProcessInfo info = ProcessInfo.read(pid).orElseThrow();

        assertThat(info.parentPid())
                .isEqualTo(ProcessHandle.current().parent().orElseThrow().pid());
        assertThat(info.identity().isAlive()).isTrue();
        assertThat(ProcessInfo.workingDirectory(pid)).contains(Path.of("").toAbsolutePath());
    }

    @Test
    void aReusedPidIsNotTheSameProcess() {
        ProcessIdentity self = ProcessIdentity.self();

        assertThat(new ProcessIdentity(self.pid(), self.startTicks() - 1).isAlive()).isFalse();
    }

    @Test
    void aZombieIsNotAlive() throws IOException, InterruptedException {
        // The shell becomes sleep, which never waits for its child: that stays a zombie.
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & exec sleep 20").start();
        try {
            org.awaitility.Awaitility.await()
                    .until(
                            () ->
                                    ProcessTree.all().stream()
                                            .anyMatch(
                                                    p ->
                                                            p.parentPid() == parent.pid()
                                                                    && p.state() == 'Z'));

            assertThat(ProcessTree.descendants(parent.pid())).isEmpty();
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void identitySurvivesItsText() {
        ProcessIdentity identity = new ProcessIdentity(12, 3456);

        assertThat(ProcessIdentity.parse(identity + "\n")).contains(identity);
        assertThat(ProcessIdentity.parse("12")).isEmpty();
        assertThat(ProcessIdentity.parse("0 5")).isEmpty();
        assertThat(ProcessIdentity.parse("a b")).isEmpty();
    }
}
