/**
 * Metrics: a registry of counters and gauges, and Prometheus' text exposition format.
 *
 * <p>A {@link io.pgnode.metrics.MetricRegistry} holds what a room counts as it goes. What can be
 * read from a snapshot is not counted twice: a {@link io.pgnode.metrics.MetricSource} writes it
 * straight to the {@link io.pgnode.metrics.Exposition} when somebody asks. Names follow {@code
 * pgnode_<room>_<noun>_<unit>[_total]} in base units.
 *
 * <p>Nothing here is static: a registry belongs to the process that made it.
 */
@NullMarked
package io.pgnode.metrics;

import org.jspecify.annotations.NullMarked;
