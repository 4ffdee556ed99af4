/**
 * Sockets: the event loops of the data path, listeners, connections to servers, TLS.
 *
 * <p>A connection and everything that belongs to it is confined to its event loop. Nothing here
 * knows what the bytes mean.
 */
@NullMarked
package io.pgnode.net;

import org.jspecify.annotations.NullMarked;
