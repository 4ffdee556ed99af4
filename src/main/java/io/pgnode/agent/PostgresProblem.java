package io.pgnode.agent;

/** Why an action on the local instance failed, in words for the log and the operator. */
public final class PostgresProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PostgresProblem(String message) {
        super(message);
    }

    public PostgresProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
