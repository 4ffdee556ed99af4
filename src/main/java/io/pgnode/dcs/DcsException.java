package io.pgnode.dcs;

import org.jspecify.annotations.Nullable;

/** Why a DCS call failed. */
public final class DcsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the failure tells about the outcome. */
    public enum Kind {
        /** No answer, or none that says what happened: a write may or may not have been applied. */
        UNKNOWN,
        /** The lease does not exist any more. Definite. */
        LEASE_NOT_FOUND,
        /** User, password or certificate refused. Definite. */
        DENIED,
        /** The revision asked for is gone. Definite. */
        COMPACTED,
        /** The store refused the request as malformed or too large. Definite. */
        INVALID,
        /** The client was closed. Definite. */
        CLOSED
    }

    private final Kind kind;

    public DcsException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
