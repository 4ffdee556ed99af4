package io.pgnode.metrics;

/** A number that rises and falls; the last one set counts. Thread-safe. */
public final class Gauge {
    private volatile double value;

    Gauge() {}

    public void set(double value) {
        this.value = value;
    }

    public double value() {
        return value;
    }
}
