package io.pgnode.gateway.route.core;

/** What a client that came gets. */
public enum Verdict {
    /** A place on a server. */
    GO,
    /** A place in the queue. */
    WAIT,
    /** The queue is full. */
    REFUSED
}
