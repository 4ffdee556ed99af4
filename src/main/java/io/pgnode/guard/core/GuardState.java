package io.pgnode.guard.core;

/**
 * What the guard knows, and its rules as pure transitions.
 *
 * <pre>
 *          LEAD                    deadline passed
 *  IDLE ----------> ARMED (EXTEND) ----------------> FENCED
 *    ^                |                                 |
 *    +--- RELEASE ----+<------ LEAD of a higher epoch --+
 * </pre>
 *
 * <p>Invariants: the epoch never falls; within an epoch the deadline only grows, since each one was
 * true when the DCS confirmed it; whether the agent is connected plays no part; a fenced epoch
 * never comes back.
 *
 * @param epoch highest epoch seen; 0 before the first
 * @param deadlineNanos of the boot-time clock; only of meaning while armed
 * @param pid postmaster to kill; 0 when none is known
 * @param startTicks its start time, against reuse of the pid
 */
public record GuardState(Phase phase, long epoch, long deadlineNanos, long pid, long startTicks) {
    public static final GuardState INITIAL = new GuardState(Phase.IDLE, 0, 0, 0, 0);

    /** How it stands with the deadline. */
    public enum Phase {
        /** Nothing to guard. */
        IDLE,
        /** PostgreSQL dies at the deadline. */
        ARMED,
        /** It died; the epoch is over. */
        FENCED
    }

    /**
     * @param refusal why the message was refused; empty when it was accepted
     */
    public record Step(GuardState state, String refusal) {
        public boolean isAccepted() {
            return refusal.isEmpty();
        }
    }

    /** Applies one message; those for systemd and HELLO change nothing. */
    public Step apply(GuardMessage message) {
        return switch (message) {
            case GuardMessage.Lead lead -> lead(lead);
            case GuardMessage.Extend extend -> extend(extend);
            case GuardMessage.Postmaster(long newPid, long newTicks) ->
                    accepted(new GuardState(phase, epoch, deadlineNanos, newPid, newTicks));
            case GuardMessage.Release release -> release(release);
            case GuardMessage.Hello _,
                    GuardMessage.Ready _,
                    GuardMessage.Watchdog _,
                    GuardMessage.Stopping _,
                    GuardMessage.Status _ ->
                    accepted(this);
        };
    }

    /** Whether PostgreSQL has to die now. */
    public boolean isDue(long nowNanos) {
        return phase == Phase.ARMED && nowNanos - deadlineNanos >= 0;
    }

    /** After the deadline: nothing but a higher epoch arms it again. */
    public GuardState fenced() {
        return new GuardState(Phase.FENCED, epoch, deadlineNanos, pid, startTicks);
    }

    private Step lead(GuardMessage.Lead lead) {
        if (lead.epoch() < epoch) {
            return refused("epoch " + lead.epoch() + " is lower than " + epoch);
        }
        if (phase == Phase.FENCED && lead.epoch() == epoch) {
            return refused("epoch " + epoch + " was fenced");
        }
        boolean sameLease = phase == Phase.ARMED && lead.epoch() == epoch;
        long deadline =
                sameLease ? later(deadlineNanos, lead.deadlineNanos()) : lead.deadlineNanos();
        // An agent that just started may not know the postmaster yet; we may.
        boolean known = lead.pid() > 0;
        return accepted(
                new GuardState(
                        Phase.ARMED,
                        lead.epoch(),
                        deadline,
                        known ? lead.pid() : pid,
                        known ? lead.startTicks() : startTicks));
    }

    /**
     * An extension counts even when it is handled after the old deadline: it tells that the lease
     * was held all the time, and whoever was late was we.
     */
    private Step extend(GuardMessage.Extend extend) {
        if (extend.epoch() != epoch) {
            return refused("epoch " + extend.epoch() + " does not lead, last was " + epoch);
        }
        return switch (phase) {
            case IDLE -> refused("epoch " + epoch + " was released");
            case FENCED -> refused("epoch " + epoch + " was fenced");
            case ARMED ->
                    accepted(
                            new GuardState(
                                    phase,
                                    epoch,
                                    later(deadlineNanos, extend.deadlineNanos()),
                                    pid,
                                    startTicks));
        };
    }

    private Step release(GuardMessage.Release release) {
        if (release.epoch() < epoch) {
            return refused("epoch " + release.epoch() + " is lower than " + epoch);
        }
        return switch (phase) {
            case IDLE, ARMED ->
                    accepted(new GuardState(Phase.IDLE, release.epoch(), 0, pid, startTicks));
            // Releasing what was fenced is fine, but does not bring the epoch back.
            case FENCED -> accepted(this);
        };
    }

    private static long later(long a, long b) {
        return a - b >= 0 ? a : b;
    }

    private static Step accepted(GuardState state) {
        return new Step(state, "");
    }

    private Step refused(String why) {
        return new Step(this, why);
    }
}
