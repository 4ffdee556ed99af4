package io.pgnode.guard;

/**
 * What happens at the deadline: PostgreSQL is killed, and whatever else lets clients reach it.
 * Called on the guard's thread; must end within seconds.
 */
@FunctionalInterface
public interface Fencer {
    FenceReport fence(FenceTarget target);

    /** Kills the instance. */
    static Fencer killing() {
        return target -> Fence.kill(target, Fence.DEFAULT_GRACE);
    }
}
