package io.pgnode.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number that only grows, from zero at the start of the process. Thread-safe. */
public final class Counter {
    private final LongAdder value = new LongAdder();

    Counter() {}

    public void increment() {
        value.increment();
    }

    /**
     * @param amount zero or more
     */
    public void add(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("a counter cannot fall, amount was " + amount);
        }
        value.add(amount);
    }

    public long value() {
        return value.sum();
    }
}
