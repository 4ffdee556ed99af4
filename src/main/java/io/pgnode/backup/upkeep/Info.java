package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.StanzaReport;
import io.pgnode.backup.core.StanzaReport.RepositoryReport;
import io.pgnode.backup.core.StanzaReport.Status;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.StoredWal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what {@code info} says of a stanza from its repositories. A repository that cannot be
 * read is part of the report, not an error.
 */
public final class Info {
    private Info() {}

    /**
     * @param repositories of one stanza; at least one
     * @param set the backup to say more about; null for all backups
     * @param type the type of backups to report; null for all
     * @throws BackupException when the locks of this host cannot be looked at
     */
    public static StanzaReport gather(
            List<Repository> repositories,
            RepositoryLocks locks,
            @Nullable BackupLabel set,
            @Nullable BackupType type)
            throws BackupException {
        List<RepositoryReport> reports = new ArrayList<>();
        for (Repository repository : repositories) {
            reports.add(report(repository, set));
        }
        if (set != null && reports.stream().allMatch(report -> report.detail() == null)) {
            reports.replaceAll(Info::withoutBackup);
        }
        return new StanzaReport(
                repositories.getFirst().stanza(), reports, lock(repositories, locks), set, type);
    }

    private static RepositoryReport report(Repository repository, @Nullable BackupLabel set) {
        try {
            if (repository.storage().list(Upkeep.backup(repository)).isEmpty()) {
                return failed(repository, Status.MISSING_STANZA_PATH, null);
            }
            BackupInfo backups;
            try {
                backups = repository.backups().info();
            } catch (BackupException e) {
                if (e.exit() == BackrestExit.FILE_MISSING) {
                    return failed(repository, Status.MISSING_STANZA_DATA, null);
                }
                throw e;
            }
            return new RepositoryReport(
                    repository.key(),
                    cipher(repository),
                    Status.OK,
                    null,
                    backups,
                    wal(repository, backups),
                    manifest(repository, backups, set));
        } catch (BackupException e) {
            return failed(repository, Status.OTHER, "[" + e.exit() + "] " + e.getMessage());
        } catch (IOException e) {
            return failed(repository, Status.OTHER, "[" + BackrestExit.FILE_READ + "] " + e);
        }
    }

    private static RepositoryReport failed(
            Repository repository, Status status, @Nullable String problem) {
        return new RepositoryReport(
                repository.key(), cipher(repository), status, problem, null, List.of(), null);
    }

    /** The backup that is asked for is in no repository. */
    private static RepositoryReport withoutBackup(RepositoryReport report) {
        return report.backups() == null
                ? report
                : new RepositoryReport(
                        report.key(),
                        report.cipher(),
                        Status.BACKUP_MISSING,
                        null,
                        null,
                        List.of(),
                        null);
    }

    private static CipherType cipher(Repository repository) {
        return repository.settings().cipher();
    }

    private static @Nullable Manifest manifest(
            Repository repository, BackupInfo backups, @Nullable BackupLabel set)
            throws BackupException {
        return set == null || backups.find(set).isEmpty()
                ? null
                : repository.backups().manifest(set);
    }

    private static List<StanzaReport.WalRange> wal(Repository repository, BackupInfo backups)
            throws BackupException {
        repository.archive().refresh();
        ArchiveInfo archives = repository.archive().info();
        List<StanzaReport.WalRange> ranges = new ArrayList<>();
        for (DatabaseVersion database : backups.databases().entries()) {
            String archiveId = archiveId(archives, database);
            List<String> directories = repository.archive().directories(archiveId);
            ranges.add(
                    new StanzaReport.WalRange(
                            database.id(),
                            archiveId,
                            first(repository, archiveId, directories),
                            last(repository, archiveId, directories)));
        }
        return ranges;
    }

    /** The ids of archive.info may be others than those of backup.info. */
    private static String archiveId(ArchiveInfo archives, DatabaseVersion database)
            throws BackupException {
        Optional<DatabaseVersion> same =
                archives.databases()
                        .find(database.id())
                        .filter(entry -> entry.is(database.systemId(), database.version()));
        return same.or(
                        () ->
                                archives.databases().entries().reversed().stream()
                                        .filter(
                                                entry ->
                                                        entry.is(
                                                                database.systemId(),
                                                                database.version()))
                                        .findFirst())
                .map(DatabaseVersion::archiveId)
                .orElseThrow(
                        () ->
                                new BackupException(
                                        BackrestExit.ARCHIVE_MISMATCH,
                                        "archive.info has no cluster "
                                                + database.systemId()
                                                + " of version "
                                                + database.version(),
                                        "has the stanza been upgraded?"));
    }

    private static @Nullable WalSegment first(
            Repository repository, String archiveId, List<String> directories)
            throws BackupException {
        for (String directory : directories) {
            List<WalSegment> segments = segments(repository, archiveId, directory);
            if (!segments.isEmpty()) {
                return segments.getFirst();
            }
        }
        return null;
    }

    private static @Nullable WalSegment last(
            Repository repository, String archiveId, List<String> directories)
            throws BackupException {
        for (String directory : directories.reversed()) {
            List<WalSegment> segments = segments(repository, archiveId, directory);
            if (!segments.isEmpty()) {
                return segments.getLast();
            }
        }
        return null;
    }

    private static List<WalSegment> segments(
            Repository repository, String archiveId, String directory) throws BackupException {
        return repository.archive().files(archiveId, directory).stream()
                .map(StoredWal::file)
                .filter(WalFile.Segment.class::isInstance)
                .map(file -> ((WalFile.Segment) file).segment())
                .sorted()
                .toList();
    }

    private static StanzaReport.Lock lock(List<Repository> repositories, RepositoryLocks locks)
            throws BackupException {
        // A lock of an earlier pgBackRest is of the stanza, so that every repository shows it.
        Map<Long, RepositoryLocks.Holder> holders = new HashMap<>();
        for (Repository repository : repositories) {
            locks.holder(repository.stanza(), RepositoryLocks.Type.BACKUP, repository.key())
                    .ifPresent(holder -> holders.put(holder.pid(), holder));
        }
        if (holders.isEmpty()) {
            return StanzaReport.Lock.FREE;
        }
        long size = holders.values().stream().mapToLong(RepositoryLocks.Holder::size).sum();
        long complete =
                holders.values().stream().mapToLong(RepositoryLocks.Holder::sizeComplete).sum();
        return size == 0
                ? new StanzaReport.Lock(true, null, null)
                : new StanzaReport.Lock(true, size, complete);
    }
}
