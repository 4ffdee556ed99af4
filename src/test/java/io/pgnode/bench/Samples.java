package io.pgnode.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The values of several runs of one case. Not for several threads. */
final class Samples {
    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    /** The middle value, the mean of the two middle ones for an even count; null without any. */
    @Nullable Double median() {
        if (values.isEmpty()) {
            return null;
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The largest value; null without any. */
    @Nullable Double max() {
        return values.isEmpty()
                ? null
                : values.stream().mapToDouble(Double::doubleValue).max().getAsDouble();
    }

    @Override
    public String toString() {
        return values.stream()
                .map(v -> String.format(Locale.ROOT, "%.2f", v))
                .collect(Collectors.joining(" "));
    }
}
