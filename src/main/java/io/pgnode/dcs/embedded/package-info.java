/**
 * An etcd v3 server in one process, for a single node, a laptop and tests.
 *
 * <p>Read in this order: {@code KvState} (what a store remembers; pure, time is passed in), then
 * {@code KvLog} (its state on disk), {@code KvEngine} (one thread that applies, syncs, answers) and
 * {@code EmbeddedDcs} (the gRPC services). The simulation in the tests runs on {@code KvState} too.
 */
@NullMarked
package io.pgnode.dcs.embedded;

import org.jspecify.annotations.NullMarked;
