/**
 * The deadline channel between the agent and the supervisor, which holds the last word on fencing.
 *
 * <p>While this member leads, the agent tells the guard each new lease deadline. When a deadline
 * passes without an extension, for whatever reason (the agent was killed, stopped, starved), the
 * guard kills PostgreSQL. So no two members ever accept writes at the same time.
 *
 * <p>The channel is a unix socket, {@code guard.sock} in the run directory, with lines of text.
 * Agent to guard, each with a growing number in front:
 *
 * <pre>
 * HELLO pid startTicks version          first on each connection; answered by ACK and STATE
 * LEAD epoch deadline pid startTicks    we lead; postmaster 0 0 while none runs
 * EXTEND epoch deadline                 the lease was renewed
 * POSTMASTER pid startTicks             another postmaster of the same data directory
 * RELEASE epoch                         we do not lead any more: nothing to guard
 * READY | STOPPING | WATCHDOG | STATUS text     for systemd
 * </pre>
 *
 * <p>Guard to agent: {@code ACK number}, {@code REFUSED number reason}, {@code STATE phase epoch
 * deadline}, {@code FENCED epoch how millis}. Deadlines are nanoseconds of {@link
 * io.pgnode.os.BootClock}.
 *
 * <p>Reading order: {@link io.pgnode.guard.core.GuardState} (the rules), {@link
 * io.pgnode.guard.GuardServer}, {@link io.pgnode.guard.Fence}, {@link io.pgnode.guard.GuardClient}.
 */
@NullMarked
package io.pgnode.guard;

import org.jspecify.annotations.NullMarked;
