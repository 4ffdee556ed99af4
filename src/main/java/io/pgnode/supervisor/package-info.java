/**
 * {@code pgnode run}: starts the processes of a node, restarts them, holds the guard, and speaks to
 * systemd.
 *
 * <p>One thread owns all state and takes events from a queue ({@link
 * io.pgnode.supervisor.Supervisor}); the guard has its own thread, which nothing here can delay.
 * Killing the supervisor stops nothing: its children live on, and the next supervisor finds them by
 * their locks.
 */
@NullMarked
package io.pgnode.supervisor;

import org.jspecify.annotations.NullMarked;
