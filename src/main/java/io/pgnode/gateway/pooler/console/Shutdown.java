package io.pgnode.gateway.pooler.console;

/** How the pooler ends. */
public enum Shutdown {
    /** At once. */
    NOW,
    /** No new clients; ends once all servers are released. */
    WAIT_FOR_SERVERS,
    /** No new clients; ends once all clients have left. */
    WAIT_FOR_CLIENTS
}
