package io.pgnode.gateway.proxy;

/** Why a session ended. */
enum Ending {
    /** Both sides had said what they wanted to. */
    DONE,
    CLIENT_BROKE_OFF,
    SERVER_BROKE_OFF,
    /** Nothing was sent for too long. */
    IDLE,
    /** No server had a place in time, or the queue was full. */
    NO_PLACE,
    /** No server accepted. */
    NO_CONNECTION,
    /** Its server lost its role, or an operator wanted it. */
    CLOSED
}
