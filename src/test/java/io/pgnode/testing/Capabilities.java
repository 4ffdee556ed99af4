package io.pgnode.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this test process may do beyond an ordinary user. */
public final class Capabilities {
    private static final int DAC_OVERRIDE = 1;
    private static final int NET_ADMIN = 12;
    private static final int SYS_ADMIN = 21;

    private Capabilities() {}

    /** Whether there is any to drop. */
    static boolean some() {
        return has(DAC_OVERRIDE);
    }

    /** Whether network namespaces can be built. */
    public static boolean network() {
        return has(NET_ADMIN) && has(SYS_ADMIN) && has(DAC_OVERRIDE);
    }

    /** Whether small file systems can be mounted. */
    public static boolean mount() {
        return has(SYS_ADMIN);
    }

    private static boolean has(int capability) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapAmb:"))
                    .map(
                            line ->
                                    Long.parseUnsignedLong(
                                            line.substring("CapAmb:".length()).strip(), 16))
                    .anyMatch(mask -> (mask >> capability & 1) == 1);
        } catch (IOException e) {
            return false;
        }
    }
}
