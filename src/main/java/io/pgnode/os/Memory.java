package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps this process in memory, so that fencing does not wait for a swapped-out page. */
public final class Memory {
    /** Current and future pages, each from when it is first touched. */
    private static final int MCL_CURRENT_FUTURE_ONFAULT = 1 | 2 | 4;

    private static final int CAP_IPC_LOCK = 14;

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
        return Libc.get().mlockall(MCL_CURRENT_FUTURE_ONFAULT) == 0;
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
