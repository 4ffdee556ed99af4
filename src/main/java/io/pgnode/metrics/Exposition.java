package io.pgnode.metrics;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes Prometheus' text exposition format, version 0.0.4.
 *
 * <p>Call {@link #family} and then {@code sample} for each of its samples: the format wants a
 * family's lines together, so a family that is begun twice is a bug and throws. Confined to one
 * thread.
 */
public final class Exposition {
    /** The Content-Type of an answer. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder out = new StringBuilder(4096);
    private final Set<String> families = new HashSet<>();
    private String family = "";

    /**
     * Begins a family.
     *
     * @param help one sentence; line feeds and backslashes are escaped
     */
    public Exposition family(String name, MetricType type, String help) {
        if (!MetricName.isValid(name)) {
            throw new IllegalArgumentException(
                    "metric name must match [a-zA-Z_:][a-zA-Z0-9_:]*, was \"" + name + "\"");
        }
        if (!families.add(name)) {
            throw new IllegalStateException("metric family " + name + " is written twice");
        }
        family = name;
        out.append("# HELP ").append(name).append(' ');
        out.append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type.text()).append('\n');
        return this;
    }

    /** A sample of the family begun last. */
    public Exposition sample(Labels labels, double value) {
        return sample("", labels, value);
    }

    /** The same for whole numbers, which keep all 64 bits. */
    public Exposition sample(Labels labels, long value) {
        begin("", labels);
        out.append(value).append('\n');
        return this;
    }

    /**
     * A sample whose name has a suffix to the family's: {@code _bucket}, {@code _sum}, {@code
     * _count}.
     */
    public Exposition sample(String suffix, Labels labels, double value) {
        begin(suffix, labels);
        out.append(format(value)).append('\n');
        return this;
    }

    private void begin(String suffix, Labels labels) {
        if (family.isEmpty()) {
            throw new IllegalStateException("a sample needs a family");
        }
        out.append(family).append(suffix);
        labels.appendTo(out);
        out.append(' ');
    }

    /** Whole numbers without a fraction, as Prometheus' own clients print them. */
    static String format(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        // Beyond 2^53 a double skips whole numbers; it then prints with its exponent.
        if (value == Math.rint(value) && Math.abs(value) < 0x1p53) {
            return Long.toString((long) value);
        }
        String shortest = Double.toString(value);
        double size = Math.abs(value);
        return size >= 1e-6 && size < 1e15 ? new BigDecimal(shortest).toPlainString() : shortest;
    }

    /** Everything so far. */
    public String text() {
        return out.toString();
    }
}
