/**
 * What the pooler decides, without a connection, a clock or a thread: who gets which server, who
 * waits, what is opened and closed, which reply belongs to which request, which settings and
 * prepared statements a server has.
 *
 * <p>Invariants, held by a simulation: a server is in at most one hand; nobody waits while a server
 * that may serve him is idle; nobody is overtaken more often than {@link
 * io.pgnode.gateway.pooler.core.Pools#MAX_OVERTAKEN} times; no limit is exceeded; nothing of one
 * client reaches another.
 */
@NullMarked
package io.pgnode.gateway.pooler.core;

import org.jspecify.annotations.NullMarked;
