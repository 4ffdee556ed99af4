package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.Checksum;

/** The archive has other content by the same name already; nothing was written. */
public final class DuplicateWalException extends BackupException {
    private static final long serialVersionUID = 1L;

    private final transient Checksum ours;

    public DuplicateWalException(String message, String hint, Checksum ours) {
        super(BackrestExit.ARCHIVE_DUPLICATE, message, hint);
        this.ours = ours;
    }

    /** Of the file that was to be pushed. */
    public Checksum ours() {
        return ours;
    }
}
