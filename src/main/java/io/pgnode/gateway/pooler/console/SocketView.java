package io.pgnode.gateway.pooler.console;

import java.time.Instant;

/**
 * A connection at one moment.
 *
 * @param isClient and not a server
 * @param state active, idle, waiting, login …
 * @param address numeric, or unix
 * @param waitMicros how long it has waited for a server
 * @param isDoomed is closed as soon as nobody uses it
 * @param id unique among all connections
 * @param peer id of the connection it is linked to; zero for none
 * @param processId of the server; zero when not known
 * @param tls protocol and cipher; empty without
 * @param prepared number of prepared statements
 */
public record SocketView(
        boolean isClient,
        String user,
        String database,
        String state,
        String address,
        int port,
        String localAddress,
        int localPort,
        Instant connected,
        Instant lastRequest,
        long waitMicros,
        boolean isDoomed,
        long id,
        long peer,
        int processId,
        String tls,
        String applicationName,
        int prepared) {
    public SocketView linkedTo(long newPeer) {
        return new SocketView(
                isClient,
                user,
                database,
                state,
                address,
                port,
                localAddress,
                localPort,
                connected,
                lastRequest,
                waitMicros,
                isDoomed,
                id,
                newPeer,
                processId,
                tls,
                applicationName,
                prepared);
    }
}
