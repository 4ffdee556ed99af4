package io.pgnode.gateway.pooler;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets the logins of one event loop take their steps, at most {@link #STEPS} of them a millisecond:
 * in a storm of logins the queries of those who are in go on. A step costs some ten microseconds;
 * nobody who stops in the middle of a login keeps others from theirs. Confined to its loop.
 */
final class LoginTurns {
    static final int STEPS = 16;

    private static final long ROUND_NANOS = 1_000_000;

    private final EventLoop loop;
    private final LongSupplier clock;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int left = STEPS;
    private long roundBegan;

    /**
     * @param clock monotonic nanoseconds
     */
    LoginTurns(EventLoop loop, LongSupplier clock) {
        this.loop = loop;
        this.clock = clock;
        this.roundBegan = clock.getAsLong();
    }

    /** Runs the step at once, or in its turn; true when it ran. */
    boolean take(Runnable step) {
        if (!waiting.isEmpty()) {
            waiting.add(step);
            return false;
        }
        long now = clock.getAsLong();
        if (now - roundBegan >= ROUND_NANOS) {
            roundBegan = now;
            left = STEPS;
        }
        if (left > 0) {
            left--;
            step.run();
            return true;
        }
        waiting.add(step);
        nextRound();
        return false;
    }

    private void nextRound() {
        var _ = loop.schedule(this::runRound, ROUND_NANOS, TimeUnit.NANOSECONDS);
    }

    private void runRound() {
        roundBegan = clock.getAsLong();
        left = STEPS;
        while (left > 0 && !waiting.isEmpty()) {
            left--;
            waiting.remove().run();
        }
        if (!waiting.isEmpty()) {
            nextRound();
        }
    }
}
