package io.pgnode.backup.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** A store's answer is not what the protocol allows; the next one may be. */
final class BadAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    BadAnswerException(String message) {
        this(message, null);
    }

    BadAnswerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
