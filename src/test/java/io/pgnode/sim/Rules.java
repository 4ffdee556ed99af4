package io.pgnode.sim;

import io.pgnode.agent.Loop;
import io.pgnode.agent.Postgres;
import io.pgnode.dcs.Dcs;
import io.pgnode.model.MemberName;

/**
 * Where a planted fault gets in: between the shell and its ports. The rules of the real product are
 * {@link #REAL}.
 */
interface Rules {
    Rules REAL = new Rules() {};

    /**
     * @param loop the clock of the client's process
     */
    default Dcs dcs(Dcs dcs, MemberName self, Loop loop) {
        return dcs;
    }

    default Postgres postgres(Postgres postgres, MemberName self, Loop loop) {
        return postgres;
    }

    /** The loop of the lease keeper. */
    default Loop leaseLoop(Loop loop) {
        return loop;
    }

    default boolean hasGuard() {
        return true;
    }

    /** The kind of fault that is drawn half of the time; negative for none. */
    default int favouriteFault() {
        return -1;
    }

    default boolean keepsPromises() {
        return true;
    }

    /** Whether an agent knows what the one before it promised. */
    default boolean remembersPromises() {
        return true;
    }
}
