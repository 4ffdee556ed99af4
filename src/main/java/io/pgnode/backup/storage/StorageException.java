package io.pgnode.backup.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A storage did not do what it was asked; the message names the object and the storage. */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What to make of it. */
    public enum Kind {
        /** The object is proven not to exist. */
        MISSING,
        /** Refused: permissions, credentials, a wrong bucket. */
        DENIED,
        /** No room. */
        FULL,
        /** It exists already, where that is asked for. */
        EXISTS,
        /** The storage could not be reached, or answered with an error, until the time was over. */
        UNREACHABLE,
        /** The answer is not what the protocol allows, or bytes are missing. */
        DAMAGED,
        /** Anything else. */
        OTHER
    }

    public StorageException(Kind kind, String message) {
        this(kind, message, null);
    }

    public StorageException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public boolean isMissing() {
        return kind == Kind.MISSING;
    }
}
