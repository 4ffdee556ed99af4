package io.pgnode.testing;

/**
 * One acknowledged insert of a row (client, seq).
 *
 * @param node index of the node that acknowledged it
 * @param sentNanos monotonic time of the client before the statement was sent
 * @param ackNanos the same clock, when the answer was there: the commit lies between the two
 * @param timeline of the server at the insert
 */
public record Ack(int client, long seq, int node, long sentNanos, long ackNanos, int timeline) {}
