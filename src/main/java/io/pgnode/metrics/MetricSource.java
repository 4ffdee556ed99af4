package io.pgnode.metrics;

/** Writes its families when they are asked for; must not block. */
@FunctionalInterface
public interface MetricSource {
    void writeTo(Exposition out);
}
