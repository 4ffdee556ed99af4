package io.pgnode.gateway.stats;

/**
 * Events in the last second: those of the current one, and of the one before the part that is not a
 * second ago yet. Not thread-safe.
 */
final class Rate {
    private static final long SECOND = 1_000_000_000L;

    private long began;
    private long current;
    private long previous;
    private long max;
    private boolean isUsed;

    void add(long nowNanos) {
        turn(nowNanos);
        current++;
        max = Math.max(max, value(nowNanos));
    }

    private void turn(long nowNanos) {
        if (!isUsed) {
            began = nowNanos;
            isUsed = true;
        }
        long passed = (nowNanos - began) / SECOND;
        if (passed > 0) {
            previous = passed == 1 ? current : 0;
            current = 0;
            began += passed * SECOND;
        }
    }

    long value(long nowNanos) {
        turn(nowNanos);
        long left = SECOND - (nowNanos - began);
        return current + Math.round((double) previous * left / SECOND);
    }

    long max() {
        return max;
    }

    void clearMax() {
        max = 0;
    }
}
