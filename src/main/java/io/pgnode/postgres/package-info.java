/**
 * The PostgreSQL instance of this node: files, process, SQL, and the tools that belong to it.
 *
 * <p>Start reading at {@link io.pgnode.postgres.PostgresInstance}, which the agent uses. What needs
 * no instance to be decided is in {@code postgres.core}. Everything blocks, with a deadline, and is
 * meant for virtual threads.
 */
@NullMarked
package io.pgnode.postgres;

import org.jspecify.annotations.NullMarked;
