/**
 * Services in mode tcp: a client's bytes go to a server and back, unread.
 *
 * <p>{@link io.pgnode.gateway.proxy.TcpProxy} has the services, {@code TcpService} one of them with
 * its listeners and counters, {@code TcpSession} one client and its server. A session is confined
 * to the event loop it was accepted on, and so is its server connection; what the sessions of a
 * service share is behind the service's lock, which is held for a choice among a few servers and
 * never while bytes are passed on.
 */
@NullMarked
package io.pgnode.gateway.proxy;

import org.jspecify.annotations.NullMarked;
