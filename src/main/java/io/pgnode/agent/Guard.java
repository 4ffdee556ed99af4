package io.pgnode.agent;

/**
 * The supervisor's guard, which kills PostgreSQL at the deadline when this process cannot. Nothing
 * blocks; safe on any thread. Deadlines are on the boot-time clock, which all processes of a host
 * share.
 */
public interface Guard {
    /** We lead in {@code epoch} until {@code deadlineNanos}. */
    void lead(long epoch, long deadlineNanos);

    void extend(long epoch, long deadlineNanos);

    /**
     * There is nothing to guard any more: PostgreSQL does not accept writes, or the cluster is
     * paused.
     */
    void release(long epoch);
}
