package io.pgnode.postgres;

import org.jspecify.annotations.Nullable;

/** An expected failure around PostgreSQL. The message says what, where and why; no secrets. */
public final class PostgresException extends Exception {
    private final String hint;

    public PostgresException(String message) {
        this(message, "", null);
    }

    public PostgresException(String message, Throwable cause) {
        this(message, "", cause);
    }

    public PostgresException(String message, String hint) {
        this(message, hint, null);
    }

    private PostgresException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What to do next; empty when there is nothing to say. */
    public String hint() {
        return hint;
    }
}
