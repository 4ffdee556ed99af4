package io.pgnode.supervisor;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * A process of the node.
 *
 * @param name of its lock, and in logs
 * @param args the command and its options, after the program
 * @param heapMegabytes limit of its heap
 * @param stopBudget time between SIGTERM and SIGKILL, asked when it is stopped
 * @param takesReload whether it reads its configuration again on SIGHUP
 */
public record ChildSpec(
        String name,
        List<String> args,
        int heapMegabytes,
        Supplier<Duration> stopBudget,
        boolean takesReload) {
    /** The one child that is always there and whose HELLO is awaited. */
    public static final String AGENT = "agent";

    public ChildSpec {
        args = List.copyOf(args);
        if (heapMegabytes < 8) {
            throw new IllegalArgumentException(
                    "heapMegabytes must be at least 8, was " + heapMegabytes);
        }
    }

    boolean isAgent() {
        return name.equals(AGENT);
    }
}
