package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.Manifest;
import io.pgnode.config.Secret;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A stanza's backups. Writers hold the stanza's backup lock. */
public final class Backups {
    Backups() {}

    /**
     * The info file as it is now.
     *
     * @throws BackupException {@code FILE_MISSING} when the stanza was not created
     */
    public BackupInfo info() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Replaces the info file and its copy. */
    public BackupInfo update(UnaryOperator<BackupInfo> change) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** What manifests are encrypted with; null for none. */
    public @Nullable Secret pass() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Where a backup's files are: {@code backup/main/20261121-010203F}. */
    public String directory(BackupLabel label) {
        throw new UnsupportedOperationException();
    }

    /**
     * The manifest of a complete backup, or its copy when it is damaged.
     *
     * @throws BackupException {@code FILE_MISSING} when there is no such backup
     */
    public Manifest manifest(BackupLabel label) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Directories of backups, whether they are complete or not, by label. */
    public List<BackupLabel> labels() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** The newest backup that was begun and has no manifest yet, if its copy can be read. */
    public Optional<Manifest> unfinished() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Directories of backups that were begun and have no manifest, by label. */
    public List<BackupLabel> unfinishedLabels() throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Saves what is known of a backup that goes on. */
    public void saveUnfinished(Manifest manifest) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a backup visible, in pgBackRest's order: its manifest's copy and the manifest, the
     * history, the link {@code latest}, the line in the info file. All its files are durable.
     */
    public void complete(Manifest manifest) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a backup invisible, in pgBackRest's order: its line in the info file, then its
     * manifest. Its files stay; see {@link #removeFiles}.
     */
    public void forget(BackupLabel label) throws BackupException {
        throw new UnsupportedOperationException();
    }

    /** Removes the directory of a backup that is forgotten or unfinished. */
    public void removeFiles(BackupLabel label) throws BackupException {
        throw new UnsupportedOperationException();
    }
}
