package io.pgnode.gateway.stats;

/** A sliding average over about the last 1024 values, and the largest. Not thread-safe. */
public final class Average {
    private static final int WINDOW = 1024;

    private double average;
    private int count;
    private long max;

    public void add(long value) {
        if (count < WINDOW) {
            count++;
        }
        average += (value - average) / count;
        max = Math.max(max, value);
    }

    long value() {
        return Math.round(average);
    }

    long max() {
        return max;
    }

    void clearMax() {
        max = 0;
    }
}
