/**
 * Real things for tests: etcd, network namespaces, clusters of real PostgreSQL under this product
 * or under Patroni, a writer on every node, and the checker that judges what the writers saw.
 *
 * <p>Reading order: {@link io.pgnode.testing.ClusterUnderTest} is what a test drives, {@link
 * io.pgnode.testing.WriteProbe} writes and records, {@link io.pgnode.testing.WriteHistory} judges.
 * Everything started here is registered with a {@link io.pgnode.testing.Reaper}, which ends it when
 * the test or the JVM ends.
 */
@NullMarked
package io.pgnode.testing;

import org.jspecify.annotations.NullMarked;
