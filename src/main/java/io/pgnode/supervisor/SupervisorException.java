package io.pgnode.supervisor;

/** The supervisor cannot run; the text is for the operator. */
public final class SupervisorException extends Exception {
    private static final long serialVersionUID = 1L;

    SupervisorException(String message) {
        super(message);
    }

    SupervisorException(String message, Throwable cause) {
        super(message, cause);
    }
}
