package io.pgnode.backup.repo;

import java.io.IOException;

/**
 * A file cannot be decrypted, or is not encrypted where it should be, or is where it should not.
 */
public final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnreadableException(String message, Throwable cause) {
        super(message, cause);
    }

    public UnreadableException(String message) {
        super(message);
    }
}
