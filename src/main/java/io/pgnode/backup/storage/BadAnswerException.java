package io.pgnode.backup.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

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
