package io.pgnode.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The counters and gauges of one process, printed in the order they were first asked for.
 *
 * <p>Asking again for the same name and labels gives the same counter. A family holds at most
 * {@link #MAX_SERIES} label sets: the ones beyond are counted but not printed, so that a label with
 * unbounded values cannot fill the memory of a monitoring system. Thread-safe.
 */
public final class MetricRegistry implements MetricSource {
    /** Far above what bounded labels need: members, pools and states come in dozens. */
    public static final int MAX_SERIES = 1000;

    private record Family(String name, MetricType type, String help, Map<Labels, Object> series) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Family> families = new LinkedHashMap<>();

    public Counter counter(String name, String help, Labels labels) {
        return series(name, MetricType.COUNTER, help, labels, Counter.class, Counter::new);
    }

    public Gauge gauge(String name, String help, Labels labels) {
        return series(name, MetricType.GAUGE, help, labels, Gauge.class, Gauge::new);
    }

    private <T> T series(
            String name,
            MetricType type,
            String help,
            Labels labels,
            Class<T> kind,
            Supplier<T> create) {
        lock.lock();
        try {
            Family family =
                    families.computeIfAbsent(
                            name, n -> new Family(n, type, help, new LinkedHashMap<>()));
            if (family.type != type) {
                throw new IllegalStateException(
                        "metric " + name + " is a " + family.type.text() + " already");
            }
            Object known = family.series.get(labels);
            if (known == null) {
                known = create.get();
                if (family.series.size() < MAX_SERIES) {
                    family.series.put(labels, known);
                }
            }
            return kind.cast(known);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void writeTo(Exposition out) {
        lock.lock();
        try {
            for (Family family : families.values()) {
                out.family(family.name, family.type, family.help);
                family.series.forEach((labels, series) -> write(out, labels, series));
            }
        } finally {
            lock.unlock();
        }
    }

    private static void write(Exposition out, Labels labels, Object series) {
        if (series instanceof Counter counter) {
            out.sample(labels, counter.value());
        } else if (series instanceof Gauge gauge) {
            out.sample(labels, gauge.value());
        }
    }
}
