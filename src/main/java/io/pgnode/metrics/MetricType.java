package io.pgnode.metrics;

/** The type of a metric family, as the exposition's TYPE line names it. */
public enum MetricType {
    COUNTER("counter"),
    GAUGE("gauge"),
    HISTOGRAM("histogram"),
    UNTYPED("untyped");

    private final String text;

    MetricType(String text) {
        this.text = text;
    }

    /** The spelling in the TYPE line. */
    public String text() {
        return text;
    }
}
