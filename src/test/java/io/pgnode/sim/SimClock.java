package io.pgnode.sim;

import java.time.Instant;

/** The clock of one host: it started somewhere and runs a little fast or slow. */
final class SimClock {
    private static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");

    private final World world;
    private final long offsetNanos;
    private final double rate;

    /**
     * @param ppm how much it runs ahead, in millionths; negative for slow
     */
    SimClock(World world, long offsetNanos, double ppm) {
        this.world = world;
        this.offsetNanos = offsetNanos;
        this.rate = 1 + ppm / 1e6;
    }

    long nanos() {
        return offsetNanos + (long) (world.nowNanos() * rate);
    }

    Instant wallClock() {
        return ZERO.plusNanos(world.nowNanos());
    }

    /** True time until this clock has advanced by {@code nanos}; never too short. */
    long trueDelay(long nanos) {
        return (long) Math.ceil(Math.max(0, nanos) / rate) + 1;
    }
}
