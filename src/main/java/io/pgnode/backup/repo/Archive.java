package io.pgnode.backup.repo;

import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.config.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stanza's WAL. Safe for use by many threads. */
public final class Archive {
    Archive() {}

    /**
     * The info file; read once, again after {@link #refresh}.
     *
     * @throws BackupException {@code FILE_MISSING} when the stanza was not created
     */
    public ArchiveInfo info() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Forgets what was read of the info file. */
    public void refresh() {
        throw new UnsupportedOperationException();
    }

    /** Where WAL is pushed: {@code 15-1}. */
    public String archiveId() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** What WAL is encrypted with; null for none. */
    public @Nullable Secret pass() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * A file of the current cluster.
     *
     * @throws BackupException {@code ARCHIVE_DUPLICATE} when there is more than one by the name
     */
    public Optional<StoredWal> find(WalFile file) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** As {@link #find(WalFile)}, in the WAL of one of the stanza's clusters. */
    public Optional<StoredWal> find(String archiveId, WalFile file) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * Stores a file, durably; a segment's header must say that it is of the current cluster.
     *
     * @param level of the compression
     * @throws DuplicateWalException when the archive has another content by that name
     * @throws BackupException {@code ARCHIVE_MISMATCH} when it is another cluster's
     */
    public PushResult push(WalFile file, WalSource source, CompressType compression, int level)
            throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * Fetches a file of the current cluster: whole, verified and durable when it returns true, no
     * file there otherwise.
     *
     * @return false when it is proven not to be there
     */
    public boolean get(WalFile file, Path destination) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** As {@link #get(WalFile, Path)}, of the WAL of one of the stanza's clusters. */
    public boolean get(String archiveId, WalFile file, Path destination) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** The directories of WAL, of all clusters of the stanza: {@code 15-1}. */
    public List<String> archiveIds() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** The history files of the timelines, by timeline. */
    public List<StoredWal> histories(String archiveId) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** The directories that segments are in, by name: their first 16 digits. */
    public List<String> directories(String archiveId) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** What is in such a directory, by name: segments, partial ones, backup history files. */
    public List<StoredWal> files(String archiveId, String directory) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** All complete segments of the current cluster, by name. */
    public List<StoredWal> segments() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** All complete segments of a timeline of the current cluster, by name. */
    public List<StoredWal> segments(int timeline) throws BackupException {
        throw new UnsupportedOperationException();
    }
}
