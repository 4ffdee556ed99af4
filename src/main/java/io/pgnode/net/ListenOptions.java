package io.pgnode.net;

/**
 * How to listen with TCP.
 *
 * @param isShared other processes of the same user may listen on the port, too, and the kernel
 *     spreads new connections over them
 * @param isDeferred who says nothing is not accepted, for {@link #SILENCE_SECONDS}: for protocols
 *     in which the client speaks first, which saves waking up once for each connection
 */
public record ListenOptions(boolean isShared, boolean isDeferred) {
    /** As long as PgBouncer. */
    public static final int SILENCE_SECONDS = 45;

    /** A port of our own, and every connection at once. */
    public static final ListenOptions PLAIN = new ListenOptions(false, false);
}
