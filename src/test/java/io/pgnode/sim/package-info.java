/**
 * The deterministic simulation of high availability: the real shell and policy in a world of one
 * thread, one seed and a virtual clock.
 *
 * <p>Read in this order: {@code World} (time and chance), {@code SimProcess} and {@code SimLoop}
 * (processes that stall and die), {@code SimNetwork} and {@code SimDcs}, {@code SimInstance} (a
 * PostgreSQL with WAL and streaming), {@code FakePostgres} (the port on it), {@code SimNode} (a
 * member with its supervisor), {@code Checker} (the invariants), {@code Faults}, {@code
 * Simulation}.
 */
@NullMarked
package io.pgnode.sim;

import org.jspecify.annotations.NullMarked;
