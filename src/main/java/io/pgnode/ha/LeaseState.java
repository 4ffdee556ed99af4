package io.pgnode.ha;

/**
 * What this member knows of its own leader lease.
 *
 * <p>Invariant: PostgreSQL may accept writes only while {@code nowNanos < deadlineNanos}. The
 * deadline counts from before the last successful renewal was <em>sent</em>, less a margin, so it
 * always passes before the DCS gives the key away.
 *
 * @param held whether this member holds the leader key, as far as it knows
 * @param epoch the epoch it was acquired with; zero when not held
 * @param deadlineNanos on the member's own boot-time clock
 */
public record LeaseState(boolean held, long epoch, long deadlineNanos) {
    public static final LeaseState NONE = new LeaseState(false, 0, 0);

    /** Whether writing is allowed at {@code nowNanos}. */
    public boolean isValid(long nowNanos) {
        return held && nowNanos - deadlineNanos < 0;
    }
}
