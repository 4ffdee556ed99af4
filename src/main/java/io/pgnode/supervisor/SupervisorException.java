package io.pgnode.supervisor;

import org.jspecify.annotations.Nullable;

/** The supervisor cannot run; text and hint are for the operator. */
public final class SupervisorException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String hint;

    SupervisorException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What to do next. */
    public String hint() {
        return hint;
    }
}
