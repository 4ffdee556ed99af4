package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Both are best effort; what they say must be true. */
class SchedulingAndMemoryTest {
    @Test
    void aRealtimeThreadIsOneForTheKernelToo() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    boolean realtime = Scheduling.makeRealtime();
                                    seen.set(realtime + " " + policyOfThisThread());
                                });
        thread.join();

        assertThat(seen.get()).isIn("true 2", "false 0");
    }

    private static String policyOfThisThread() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            // Field 41: scheduling policy.
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[38];
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }

    @Test
    void lockedMemoryIsLockedForTheKernelToo() throws Exception {
        CommandResult result = Command.of(JavaProcess.command(LockMain.class)).run();

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isIn("false\n", "true locked\n");
    }

    /** Locks itself and checks the kernel's figure. */
    static final class LockMain {
        public static void main(String[] args) throws Exception {
            if (!Memory.lockAll()) {
                System.out.println("false");
                return;
            }
            boolean locked =
                    Files.readAllLines(Path.of("/proc/self/status")).stream()
                            .filter(line -> line.startsWith("VmLck:"))
                            .noneMatch(line -> line.strip().matches("VmLck:\\s+0 kB"));
            System.out.println(locked ? "true locked" : "true but not locked");
        }
    }
}
