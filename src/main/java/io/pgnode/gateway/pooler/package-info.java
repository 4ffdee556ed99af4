/**
 * The pooler: clients log in here and get a server connection for a session, a transaction or a
 * statement.
 *
 * <p>Threads: a connection is confined to its event loop, and a server connection lives on the loop
 * of the client that uses it. Only {@link io.pgnode.gateway.pooler.PoolLedger} is shared, behind
 * one lock that is held for less than a microsecond.
 */
@NullMarked
package io.pgnode.gateway.pooler;

import org.jspecify.annotations.NullMarked;
