package io.pgnode.guard;

import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessInfo;
import io.pgnode.os.ProcessTree;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes an instance unable to write by killing every process of it.
 *
 * <p>First SIGQUIT, on which all of PostgreSQL leaves without writing anything. What is not gone
 * within the grace time is killed: the postmaster is stopped first, so that it cannot start more,
 * then all below it, then itself. Works on stopped processes and when the postmaster is already
 * dead. Guard and agent may both do it at the same time.
 */
public final class Fence {
    /** Grace time that leaves a kill well below 300 ms. */
    public static final Duration DEFAULT_GRACE = Duration.ofMillis(200);

    /** For SIGKILL to take effect; longer only in uninterruptible I/O, for which we do not wait. */
    private static final Duration KILL_LIMIT = Duration.ofSeconds(2);

    private static final long POLL_NANOS = 2_000_000;

    private final FenceTarget target;
    private final long startNanos = System.nanoTime();

    /** All processes of the instance ever seen, since orphans cannot be found by their parent. */
    private final Map<Long, ProcessIdentity> seen = new LinkedHashMap<>();

    private Fence(FenceTarget target) {
        this.target = target;
    }

    /**
     * Kills the instance of a running postmaster.
     *
     * @param grace time for it to leave by itself after SIGQUIT
     */
    public static FenceReport kill(ProcessIdentity postmaster, Duration grace) {
        return kill(FenceTarget.of(postmaster), grace);
    }

    /** Kills the instance; finds its processes even when the postmaster is dead. */
    public static FenceReport kill(FenceTarget target, Duration grace) {
        return new Fence(target).run(grace);
    }

    /** Whether no process of the instance is left: a crashed postmaster leaves backends behind. */
    public static boolean isGone(FenceTarget target) {
        return new Fence(target).scan().isEmpty();
    }

    private FenceReport run(Duration grace) {
        if (scan().isEmpty()) {
            return report(FenceReport.How.GONE, List.of());
        }
        if (quit(grace)) {
            return report(FenceReport.How.QUIT, List.of());
        }
        List<ProcessIdentity> survivors = killAll();
        return report(
                survivors.isEmpty() ? FenceReport.How.KILLED : FenceReport.How.INCOMPLETE,
                survivors);
    }

    private boolean quit(Duration grace) {
        boolean canLeave =
                ProcessInfo.read(target.postmaster().pid())
                        .filter(info -> info.identity().equals(target.postmaster()))
                        .filter(info -> info.isRunning() && !info.isStopped())
                        .isPresent();
        // Without a postmaster that runs, nobody would pass the signal on.
        if (!canLeave || !send(target.postmaster(), Signal.QUIT)) {
            return false;
        }
        return awaitGone(startNanos + grace.toNanos());
    }

    private List<ProcessIdentity> killAll() {
        long deadline = System.nanoTime() + KILL_LIMIT.toNanos();
        send(target.postmaster(), Signal.STOP);
        List<ProcessIdentity> left = scan();
        while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
            for (ProcessIdentity process : left) {
                if (!process.equals(target.postmaster())) {
                    send(process, Signal.KILL);
                }
            }
            // Last, when everything that it had started is marked for death.
            send(target.postmaster(), Signal.KILL);
            awaitGone(Math.min(deadline, System.nanoTime() + 10 * POLL_NANOS));
            left = scan();
        }
        return left;
    }

    /** Cheap polling of those seen, then one full scan for others. */
    private boolean awaitGone(long deadlineNanos) {
        while (true) {
            if (seen.values().stream().noneMatch(ProcessIdentity::isAlive) && scan().isEmpty()) {
                return true;
            }
            if (System.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** All running processes of the instance now. */
    private List<ProcessIdentity> scan() {
        List<ProcessInfo> all = ProcessTree.all();
        Set<Long> members = new HashSet<>();
        if (target.postmaster().isAlive()) {
            members.add(target.postmaster().pid());
        }
        List<ProcessIdentity> found = new ArrayList<>();
        // Parents mostly come before children; until nothing is added covers wrapped pids.
        boolean more = true;
        while (more) {
            more = false;
            for (ProcessInfo process : all) {
                if (!members.contains(process.pid())
                        && (members.contains(process.parentPid())
                                || process.identity().equals(seen.get(process.pid()))
                                || target.owns(process))) {
                    members.add(process.pid());
                    more = true;
                }
            }
        }
        for (ProcessInfo process : all) {
            if (members.contains(process.pid()) && process.isRunning()) {
                seen.put(process.pid(), process.identity());
                found.add(process.identity());
            }
        }
        return found;
    }

    private static boolean send(ProcessIdentity process, Signal signal) {
        try {
            return Signals.send(process, signal);
        } catch (IOException e) {
            // Not ours to kill; it shows up among the survivors.
            return false;
        }
    }

    private FenceReport report(FenceReport.How how, List<ProcessIdentity> survivors) {
        return new FenceReport(how, Duration.ofNanos(System.nanoTime() - startNanos), survivors);
    }
}
