/**
 * The distributed configuration store: the {@link io.pgnode.dcs.Dcs} port and Patroni's keys on it.
 *
 * <p>Read in this order: {@code Dcs} (what a store must do), {@code ClusterStore} (our keys on it),
 * {@code ClusterCodec} (their JSON). {@code dcs.etcd} is the production store, {@code dcs.embedded}
 * the one for a single node, a laptop and tests; one contract test runs on all of them.
 */
@NullMarked
package io.pgnode.dcs;

import org.jspecify.annotations.NullMarked;
