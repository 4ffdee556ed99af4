package io.pgnode.gateway.route.core;

/** HAProxy's words for the state of a server. */
public enum ServerStatus {
    UP,
    DOWN,
    /** Up, but no new sessions unless nobody else is. */
    NOLB,
    MAINT,
    DRAIN
}
