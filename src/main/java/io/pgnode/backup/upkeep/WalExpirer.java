package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalRetention;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.StoredWal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Removes WAL that is not kept, oldest first. */
final class WalExpirer {
    private static final int SEGMENT_DIGITS = 24;

    private final Repository repository;
    private final boolean dryRun;
    private final List<ExpireResult.RemovedWal> removed = new ArrayList<>();

    WalExpirer(Repository repository, boolean dryRun) {
        this.repository = repository;
        this.dryRun = dryRun;
    }

    /**
     * @param kept by archive id
     */
    List<ExpireResult.RemovedWal> expire(Map<String, WalRetention> kept) throws BackupException {
        for (String archiveId : repository.archive().archiveIds()) {
            WalRetention retention = kept.get(archiveId);
            if (retention == null) {
                continue;
            }
            switch (retention) {
                case WalRetention.KeepAll _ -> {}
                case WalRetention.RemoveAll all -> {
                    removeTree(directory(archiveId));
                    removeTree(PlainDigests.path(repository, archiveId, ""));
                    add(archiveId, "all of it", 0, all.reason());
                }
                case WalRetention.From from -> expire(archiveId, from);
            }
        }
        return removed;
    }

    private void expire(String archiveId, WalRetention.From retention) throws BackupException {
        for (String directory : repository.archive().directories(archiveId)) {
            switch (retention.directory(directory)) {
                case KEEP -> {}
                case REMOVE -> {
                    removeTree(directory(archiveId) + "/" + directory);
                    removeTree(PlainDigests.path(repository, archiveId, directory));
                    add(archiveId, directory, 0, retention.reason());
                }
                case LOOK_INSIDE -> expireIn(archiveId, directory, retention);
            }
        }
        List<StoredWal> histories =
                repository.archive().histories(archiveId).stream()
                        .filter(
                                history ->
                                        history.file() instanceof WalFile.History file
                                                && !retention.keepsHistory(file.timeline()))
                        .toList();
        remove(archiveId, histories);
        for (StoredWal history : histories) {
            add(archiveId, history.file().name(), 1, retention.reason());
        }
    }

    private void expireIn(String archiveId, String directory, WalRetention retention)
            throws BackupException {
        List<StoredWal> run = new ArrayList<>();
        for (StoredWal file : repository.archive().files(archiveId, directory)) {
            if (retention.keeps(segment(file))) {
                removeRun(archiveId, run, retention);
            } else {
                run.add(file);
            }
        }
        removeRun(archiveId, run, retention);
    }

    private void removeRun(String archiveId, List<StoredWal> run, WalRetention retention)
            throws BackupException {
        if (run.isEmpty()) {
            return;
        }
        remove(archiveId, run);
        add(
                archiveId,
                segment(run.getFirst()) + " to " + segment(run.getLast()),
                run.size(),
                retention.reason());
        run.clear();
    }

    private static String segment(StoredWal file) {
        return file.file().name().substring(0, SEGMENT_DIGITS);
    }

    private void add(String archiveId, String what, int files, String reason) {
        removed.add(new ExpireResult.RemovedWal(archiveId, what, files, reason));
    }

    private String directory(String archiveId) {
        return Upkeep.archive(repository) + "/" + archiveId;
    }

    private void remove(String archiveId, List<StoredWal> files) throws BackupException {
        if (dryRun || files.isEmpty()) {
            return;
        }
        try {
            repository.storage().removeAll(files.stream().map(StoredWal::path).toList());
            repository
                    .storage()
                    .removeAll(
                            files.stream()
                                    .map(StoredWal::file)
                                    .filter(WalFile::isPlain)
                                    .map(
                                            file ->
                                                    PlainDigests.path(
                                                            repository, archiveId, file.path()))
                                    .toList());
        } catch (IOException e) {
            throw Upkeep.notWritten(
                    repository, "removal of " + files.getFirst().path() + " and more", e);
        }
    }

    private void removeTree(String directory) throws BackupException {
        if (dryRun) {
            return;
        }
        try {
            repository.storage().removeTree(directory);
        } catch (IOException e) {
            throw Upkeep.notWritten(repository, "removal of " + directory, e);
        }
    }
}
