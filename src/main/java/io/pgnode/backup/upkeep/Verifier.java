package io.pgnode.backup.upkeep;

import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.FormatException;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads every byte of a stanza in a repository and compares it with what the repository itself says
 * of it: digests and sizes of WAL and of backups' files as stored and as they were, info files and
 * their copies, block maps, what backups refer to, gaps in the WAL. Nothing is repaired.
 *
 * <p>A backup that begins or expires meanwhile may be reported; the caller holds the stanza's
 * backup lock, or verifies again.
 */
public final class Verifier {
    private final Repository repository;
    private final int workers;

    /**
     * @param workers threads that read and decode, 1 or more
     */
    public Verifier(Repository repository, int workers) {
        this.repository = repository;
        this.workers = workers;
    }

    /**
     * @throws BackupException when the repository cannot be listed, or its pass is wrong
     * @throws InterruptedException when it is to stop; nothing is left behind
     */
    public VerifyReport run() throws BackupException, InterruptedException {
        return new Run().verify();
    }

    /** One verification. */
    private final class Run {
        private final Findings findings = new Findings();
        private final InfoCheck infos = new InfoCheck(repository, findings);
        private final Map<String, ArchiveCheck> archives = new TreeMap<>();
        private final Map<BackupLabel, BackupCheck> backups = new TreeMap<>();
        private final Map<BackupLabel, VerifyReport.Status> statuses = new TreeMap<>();

        VerifyReport verify() throws BackupException, InterruptedException {
            @Nullable Secret pass = repository.settings().pass();
            Optional<ArchiveInfo> archiveInfo =
                    infos.pair(
                            Upkeep.archive(repository) + "/" + ArchiveInfo.FILE,
                            pass,
                            ArchiveInfo::parse);
            Optional<BackupInfo> backupInfo =
                    infos.pair(
                            Upkeep.backup(repository) + "/" + BackupInfo.FILE,
                            pass,
                            BackupInfo::parse);
            try (Checks checks = new Checks(workers)) {
                if (archiveInfo.isPresent()) {
                    startArchives(archiveInfo.get(), checks);
                }
                if (backupInfo.isPresent()) {
                    startBackups(backupInfo.get(), checks);
                }
                checks.await();
            }
            Map<BackupLabel, Manifest> manifests = new HashMap<>();
            backups.forEach((label, check) -> manifests.put(label, check.manifest()));
            backups.values().forEach(check -> check.checkReferences(manifests));
            backupInfo.ifPresent(this::checkWalOfBackups);
            return report();
        }

        private void startArchives(ArchiveInfo info, Checks checks)
                throws BackupException, InterruptedException {
            @Nullable Secret pass = secret(info.cipherPass());
            for (String archiveId : repository.archive().archiveIds()) {
                boolean known =
                        info.databases().entries().stream()
                                .anyMatch(database -> database.archiveId().equals(archiveId));
                if (!known) {
                    findings.note("archive.info does not know the archive " + archiveId);
                }
                ArchiveCheck check = new ArchiveCheck(repository, archiveId, pass, findings);
                archives.put(archiveId, check);
                check.start(checks);
            }
        }

        private void startBackups(BackupInfo info, Checks checks)
                throws BackupException, InterruptedException {
            @Nullable Secret pass = secret(info.cipherPass());
            List<BackupLabel> directories = repository.backups().labels();
            for (BackupSummary backup : info.backups()) {
                if (!directories.contains(backup.label())) {
                    statuses.put(backup.label(), VerifyReport.Status.MISSING_MANIFEST);
                    findings.damaged(repository.backups().directory(backup.label()), "is missing");
                }
            }
            for (BackupLabel label : directories) {
                startBackup(label, info, pass, directories, checks);
            }
            checkHistory(pass);
        }

        private void startBackup(
                BackupLabel label,
                BackupInfo info,
                @Nullable Secret pass,
                List<BackupLabel> directories,
                Checks checks)
                throws BackupException, InterruptedException {
            boolean listed = info.find(label).isPresent();
            String path = Upkeep.manifest(repository, label);
            if (!listed && !Upkeep.exists(repository, path)) {
                boolean newest = directories.getLast().equals(label);
                statuses.put(
                        label,
                        newest
                                ? VerifyReport.Status.IN_PROGRESS
                                : VerifyReport.Status.MISSING_MANIFEST);
                findings.note(
                        "backup "
                                + label
                                + (newest
                                        ? " is running, or can be resumed"
                                        : " was not finished; expire removes it"));
                return;
            }
            Optional<Manifest> manifest = infos.pair(path, pass, Manifest::parse);
            if (manifest.isEmpty()) {
                statuses.put(label, VerifyReport.Status.MISSING_MANIFEST);
                return;
            }
            if (!manifest.get().label().equals(label)) {
                findings.damaged(path, "is the manifest of " + manifest.get().label());
                statuses.put(label, VerifyReport.Status.INVALID);
                return;
            }
            if (!listed) {
                findings.note("backup " + label + " is complete, but not listed in backup.info");
            }
            BackupCheck check = new BackupCheck(repository, manifest.get(), findings);
            backups.put(label, check);
            check.start(checks);
        }

        /** Manifests of the history: of backups that are there, and of expired ones. */
        private void checkHistory(@Nullable Secret pass) throws BackupException {
            String directory = Upkeep.backup(repository) + "/" + Upkeep.HISTORY;
            try {
                for (ObjectInfo file : repository.storage().walk(directory)) {
                    if (file.isFile()) {
                        checkHistory(directory + "/" + file.name(), pass);
                    }
                }
            } catch (IOException e) {
                throw Upkeep.failed(repository, "listed at " + directory, e);
            }
        }

        private void checkHistory(String path, @Nullable Secret pass) {
            try {
                byte[] stored = repository.files().read(path, pass, InfoCheck.MAX_BYTES);
                findings.read(stored.length);
                CompressType compression = CompressType.ofFileName(path);
                String problem = CompressedHead.problem(compression, stored, stored.length);
                if (problem != null) {
                    findings.damaged(path, problem);
                    return;
                }
                byte[] content =
                        compression == CompressType.NONE
                                ? stored
                                : Filters.apply(
                                        Filters.decompressor(compression, false),
                                        stored,
                                        InfoCheck.MAX_BYTES);
                Manifest.parse(content);
            } catch (IOException e) {
                findings.damaged(path, "cannot be read: " + e.getMessage());
            } catch (FormatException e) {
                findings.damaged(path, "is damaged: " + e.getMessage());
            }
        }

        /** A backup without its WAL cannot become consistent. */
        private void checkWalOfBackups(BackupInfo info) {
            for (BackupSummary backup : info.backups()) {
                WalSegment first = backup.archiveStart();
                WalSegment last = backup.archiveStop();
                ArchiveCheck archive =
                        info.databases()
                                .find(backup.databaseId())
                                .map(database -> archives.get(database.archiveId()))
                                .orElse(null);
                if (first == null || last == null || archive == null) {
                    continue;
                }
                WalSegment missing = archive.missing(first, last);
                if (missing != null) {
                    findings.damaged(
                            archive.path(missing),
                            "is missing; backup " + backup.label() + " needs it");
                    findings.damagedBackup(backup.label());
                }
            }
        }

        private VerifyReport report() {
            Map<BackupLabel, VerifyReport.BackupReport> reports = new TreeMap<>();
            statuses.forEach(
                    (label, status) ->
                            reports.put(label, new VerifyReport.BackupReport(label, status, 0)));
            for (Map.Entry<BackupLabel, BackupCheck> backup : sortedBackups().entrySet()) {
                reports.put(
                        backup.getKey(),
                        new VerifyReport.BackupReport(
                                backup.getKey(),
                                isValid(backup.getValue())
                                        ? VerifyReport.Status.VALID
                                        : VerifyReport.Status.INVALID,
                                backup.getValue().manifest().fileCount()));
            }
            return new VerifyReport(
                    repository.key(),
                    findings.damages(),
                    archives.values().stream().map(ArchiveCheck::report).toList(),
                    new ArrayList<>(reports.values()),
                    findings.files(),
                    findings.bytes(),
                    findings.notes());
        }

        private Map<BackupLabel, BackupCheck> sortedBackups() {
            return new LinkedHashMap<>(backups);
        }

        /**
         * Block maps refer to parts of files of other backups, so a chain is as good as its weakest
         * member where it has blocks.
         */
        private boolean isValid(BackupCheck check) {
            if (check.hasDamage()) {
                return false;
            }
            if (!check.manifest().header().blockIncremental()) {
                return true;
            }
            return check.manifest().references().stream()
                    .map(backups::get)
                    .allMatch(other -> other != null && (other == check || !other.hasDamage()));
        }

        private static @Nullable Secret secret(@Nullable String pass) {
            return pass == null ? null : new Secret(pass);
        }
    }
}
