package io.pgnode.gateway.pooler.core;

/** Why a client gets no server. */
public sealed interface Refusal {
    /** It waited for as long as the settings allow. */
    record WaitedTooLong() implements Refusal {}

    /**
     * The server refuses such clients: no such database or role, a wrong secret.
     *
     * @param sqlState the server's; empty when it gave none
     */
    record Rejected(String sqlState, String message) implements Refusal {}

    /** No server could be opened for a while; the last reason. */
    record Unreachable(String message) implements Refusal {}

    /** A hold lasted for as long as it may. */
    record HeldTooLong(String owner) implements Refusal {}

    /** The pool was removed. */
    record Removed() implements Refusal {}
}
