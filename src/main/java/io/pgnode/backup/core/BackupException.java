package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * Something of a repository, a backup or an archive did not work; the message names the object and
 * the cause. When a storage failed, its exception is the cause.
 */
public class BackupException extends Exception {
    private static final long serialVersionUID = 1L;

    private final BackrestExit exit;
    private final @Nullable String hint;

    public BackupException(BackrestExit exit, String message) {
        this(exit, message, null, null);
    }

    /**
     * @param hint what to do next, without {@code HINT:}; null when there is nothing to say
     */
    public BackupException(BackrestExit exit, String message, @Nullable String hint) {
        this(exit, message, hint, null);
    }

    /**
     * @param hint what to do next, without {@code HINT:}; null when there is nothing to say
     */
    public BackupException(
            BackrestExit exit, String message, @Nullable String hint, @Nullable Throwable cause) {
        super(hint == null ? message : message + "\nHINT: " + hint, cause);
        this.exit = exit;
        this.hint = hint;
    }

    /** What the process ends with. */
    public BackrestExit exit() {
        return exit;
    }

    /** What to do next; null when there is nothing to say. It is part of the message, too. */
    public @Nullable String hint() {
        return hint;
    }
}
