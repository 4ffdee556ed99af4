package io.pgnode.supervisor;

import java.time.Duration;
import java.util.ArrayList;
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
 * @param takeOver further arguments of a successor, which takes over from the one that runs, and
 *     gets its lock then; empty when there cannot be one
 */
public record ChildSpec(
        String name,
        List<String> args,
        int heapMegabytes,
        Supplier<Duration> stopBudget,
        boolean takesReload,
        List<String> takeOver) {
    /** The one child that is always there and whose HELLO is awaited. */
    public static final String AGENT = "agent";

    public ChildSpec {
        args = List.copyOf(args);
        takeOver = List.copyOf(takeOver);
        if (heapMegabytes < 8) {
            throw new IllegalArgumentException(
                    "heapMegabytes must be at least 8, was " + heapMegabytes);
        }
    }

    /** Without successors. */
    public ChildSpec(
            String name,
            List<String> args,
            int heapMegabytes,
            Supplier<Duration> stopBudget,
            boolean takesReload) {
        this(name, args, heapMegabytes, stopBudget, takesReload, List.of());
    }

    /** The one that takes over from a running one. */
    ChildSpec successor() {
        List<String> all = new ArrayList<>(args);
        all.addAll(takeOver);
        return new ChildSpec(name, all, heapMegabytes, stopBudget, takesReload, takeOver);
    }

    boolean isAgent() {
        return name.equals(AGENT);
    }
}
