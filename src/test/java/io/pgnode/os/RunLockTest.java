package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    @TempDir Path directory;

    @Test
    void onlyOneHoldsIt() throws IOException {
        Path path = directory.resolve("agent.lock");
        try (RunLock _ = RunLock.tryAcquire(path).orElseThrow()) {
            assertThat(RunLock.tryAcquire(path)).isEmpty();
            assertThat(RunLock.holder(path)).contains(ProcessIdentity.self());
        }

        assertThat(RunLock.holder(path)).isEmpty();
        try (RunLock again = RunLock.tryAcquire(path).orElseThrow()) {
            assertThat(again).isNotNull();
        }
    }

    @Test
    void readingTheFileDoesNotReleaseIt() throws IOException {
        Path path = directory.resolve("agent.lock");
        try (RunLock _ = RunLock.tryAcquire(path).orElseThrow()) {
            Files.readString(path);

            assertThat(RunLock.tryAcquire(path)).isEmpty();
        }
    }

    @Test
    void aDeadProcessHoldsNothing() throws Exception {
        Path path = directory.resolve("agent.lock");
        Process holder =
                new ProcessBuilder("flock", path.toString(), "sh", "-c", "echo on; exec sleep 20")
                        .start();
        assertThat(holder.inputReader().readLine()).isEqualTo("on");
        assertThat(RunLock.tryAcquire(path)).isEmpty();
        Files.writeString(path, new ProcessIdentity(holder.pid(), 1) + "\n");
        // flock(1) and its child share the open file.
        ProcessTree.descendants(holder.pid()).forEach(RunLockTest::kill);

        holder.destroyForcibly().waitFor();

        assertThat(RunLock.holder(path)).isEmpty();
        org.awaitility.Awaitility.await()
                .until(
                        () -> {
                            try (RunLock lock = RunLock.tryAcquire(path).orElse(null)) {
                                return lock != null;
                            }
                        });
    }

    private static void kill(ProcessIdentity process) {
        try {
            Signals.send(process, Signal.KILL);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
