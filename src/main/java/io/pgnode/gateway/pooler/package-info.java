/**
 * The pooler: clients log in here and get a server connection for a session, a transaction or a
 * statement.
 *
 * <p>Threads: a connection is confined to its event loop, and a server connection lives on the loop
 * of the client that uses it. Only {@link io.pgnode.gateway.pooler.PoolLedger} is shared, behind
 * one lock that is held for less than a microsecond.
 *
 * <p>The way of a client, and the order to read in: {@link io.pgnode.gateway.pooler.ClientLogin}
 * finds out who it is, {@link io.pgnode.gateway.pooler.Reception} gives it one of the {@link
 * io.pgnode.gateway.pooler.KnownPools} and a session, {@link io.pgnode.gateway.pooler.Greeter}
 * greets it. Its {@link io.pgnode.gateway.pooler.ClientSession} asks the ledger for a server at
 * each transaction; {@link io.pgnode.gateway.pooler.ServerOpener} opens those that are missing, and
 * each is a {@link io.pgnode.gateway.pooler.ServerSession}. {@link io.pgnode.gateway.pooler.Pooler}
 * brings them together. {@link io.pgnode.gateway.pooler.ConsoleDesk} is what admins see and order.
 */
@NullMarked
package io.pgnode.gateway.pooler;

import org.jspecify.annotations.NullMarked;
