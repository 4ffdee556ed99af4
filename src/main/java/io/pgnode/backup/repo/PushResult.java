package io.pgnode.backup.repo;

/** What became of a file that was pushed. */
public enum PushResult {
    STORED,
    /** The archive had it, with the same content: worth a warning, but a success. */
    ALREADY_THERE
}
