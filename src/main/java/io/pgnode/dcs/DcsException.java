package io.pgnode.dcs;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Why a DCS call failed. Use {@link #of} on what a dependent future reports. */
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

    /**
     * What a failed future failed with, unwrapped: stages that depend on a failed one wrap its
     * failure. Anything else than a {@code DcsException} becomes one of kind UNKNOWN.
     */
    public static DcsException of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof DcsException dcs
                ? dcs
                : new DcsException(Kind.UNKNOWN, "unexpected failure: " + cause, cause);
    }

    public Kind kind() {
        return kind;
    }
}
