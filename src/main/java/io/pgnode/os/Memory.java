package io.pgnode.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps this process in memory, so that fencing does not wait for a swapped-out page. */
public final class Memory {
    /** Current and future pages, each from when it is first touched. */
    private static final int MCL_CURRENT_FUTURE_ONFAULT = 1 | 2 | 4;

    private static final int CAP_IPC_LOCK = 14;
    private static final Downcall MLOCKALL = Downcall.of("mlockall", JAVA_INT, JAVA_INT);

    private Memory() {}

    /**
     * Locks all memory where the host allows that without limit; with a limit it is not even tried,
     * since later allocations would fail at it.
     *
     * @return whether it is locked
     */
    public static boolean lockAll() {
        if (!mayLockWithoutLimit()) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            int result =
                    (int)
                            MLOCKALL.handle()
                                    .invokeExact(Errno.allocate(arena), MCL_CURRENT_FUTURE_ONFAULT);
            return result == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    private static boolean mayLockWithoutLimit() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith("Max locked memory")) {
                    String soft = line.substring("Max locked memory".length()).strip();
                    if (soft.startsWith("unlimited")) {
                        return true;
                    }
                }
            }
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    long capabilities = Long.parseUnsignedLong(line.substring(7).strip(), 16);
                    return (capabilities >> CAP_IPC_LOCK & 1) == 1;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
