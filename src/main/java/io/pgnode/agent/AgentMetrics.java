package io.pgnode.agent;

import io.pgnode.metrics.Counter;
import io.pgnode.metrics.Gauge;
import io.pgnode.metrics.Labels;
import io.pgnode.metrics.MetricRegistry;
import java.time.Duration;

/** What the agent counts as it goes. Thread-safe. */
public final class AgentMetrics {
    private final MetricRegistry registry;
    private final Labels labels;
    private final Gauge cycleDuration;
    private final Gauge freeBytes;
    private final Counter cycles;

    public AgentMetrics(MetricRegistry registry, String scope, String member) {
        this.registry = registry;
        labels = Labels.of("scope", scope, "name", member);
        cycleDuration =
                registry.gauge(
                        "pgnode_agent_cycle_duration_seconds",
                        "Duration of the last completed cycle.",
                        labels);
        freeBytes =
                registry.gauge(
                        "pgnode_agent_wal_free_bytes",
                        "Free space of the file system that holds the WAL; -1 when unknown.",
                        labels);
        cycles =
                registry.counter(
                        "pgnode_agent_cycles_total", "Completed cycles of the loop.", labels);
    }

    /** Free space where the WAL is, as last seen; negative when unknown. */
    public void walFreeBytes(long bytes) {
        freeBytes.set((double) bytes);
    }

    /**
     * A cycle ended.
     *
     * @param decision its kind, from a fixed set: {@code Promote}, {@code Wait}, …
     */
    public void cycle(Duration duration, String decision) {
        cycleDuration.set(duration.toNanos() / 1e9);
        cycles.increment();
        registry.counter(
                        "pgnode_agent_decisions_total",
                        "Decisions by their kind.",
                        labels.with("decision", decision))
                .increment();
    }
}
