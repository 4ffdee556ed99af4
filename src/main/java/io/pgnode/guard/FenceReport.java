package io.pgnode.guard;

import io.pgnode.os.ProcessIdentity;
import java.time.Duration;
import java.util.List;

/**
 * How an instance died.
 *
 * @param took from the call to the last process' end
 * @param survivors processes that could not be killed: in uninterruptible I/O, or not ours to kill
 */
public record FenceReport(How how, Duration took, List<ProcessIdentity> survivors) {
    /** By which means. */
    public enum How {
        /** No process of it was left. */
        GONE,
        /** It left by itself on SIGQUIT. */
        QUIT,
        /** It took SIGKILL. */
        KILLED,
        /** Some processes are still there: call again. */
        INCOMPLETE
    }

    /** Whether nothing of the instance is left that could write. */
    public boolean isComplete() {
        return how != How.INCOMPLETE;
    }
}
