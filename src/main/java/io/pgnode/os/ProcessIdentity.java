package io.pgnode.os;

import java.util.Optional;

/**
 * A process for good: a pid may be used again after the process ended, together with the start time
 * it may not.
 *
 * @param pid above 0
 * @param startTicks start time in clock ticks (10 ms) since the host booted, field 22 of {@code
 *     /proc/PID/stat}
 */
public record ProcessIdentity(long pid, long startTicks) {
    public ProcessIdentity {
        if (pid <= 0) {
            throw new IllegalArgumentException("pid must be above 0, was " + pid);
        }
    }

    /** The process that has this pid now; empty when there is none or only its zombie is left. */
    public static Optional<ProcessIdentity> of(long pid) {
        return ProcessInfo.read(pid).filter(ProcessInfo::isRunning).map(ProcessInfo::identity);
    }

    /** This very process. */
    public static ProcessIdentity self() {
        return of(ProcessHandle.current().pid()).orElseThrow();
    }

    /**
     * Whether it still runs. A stopped process is alive; a zombie, whose parent has not fetched the
     * exit code yet, is not.
     */
    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** {@code pid startTicks}, as lock files and the guard channel have it. */
    @Override
    public String toString() {
        return pid + " " + startTicks;
    }

    /** The reverse of {@link #toString}; empty for anything else. */
    public static Optional<ProcessIdentity> parse(String text) {
        String[] fields = text.strip().split(" ", -1);
        if (fields.length != 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new ProcessIdentity(Long.parseLong(fields[0]), Long.parseLong(fields[1])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
