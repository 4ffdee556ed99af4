package io.pgnode.gateway.pooler;

/**
 * Bounds on what clients may send and hold.
 *
 * @param maxMessage largest length field of any message
 * @param maxRewritten largest message that is kept as a whole, bytes
 * @param maxPrepared prepared statements a server keeps; zero leaves them to session mode
 */
record Limits(
        int maxMessage,
        int maxRewritten,
        int maxPrepared,
        ServerCare care,
        ClientTimeouts timeouts) {
    Limits(
            int maxMessage,
            int maxRewritten,
            int maxPrepared,
            String resetQuery,
            ClientTimeouts timeouts) {
        this(maxMessage, maxRewritten, maxPrepared, ServerCare.resetBy(resetQuery), timeouts);
    }
}
