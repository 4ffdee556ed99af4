package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.repo.Repository;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What backups a repository really has: its info file, corrected by what a killed backup or expire
 * left. A manifest makes a backup; one without a line gets it, a line without one is dropped,
 * unless another backup needs its files.
 *
 * @param info corrected
 * @param directories of backups, complete or not, by label
 * @param dropped lines whose manifest is gone
 * @param added lines that were missing
 * @param unclear directories with a manifest that cannot be read, or another cluster's; left alone
 * @param notes what was found, for an operator
 */
record StanzaState(
        BackupInfo info,
        List<BackupLabel> directories,
        Set<BackupLabel> dropped,
        List<BackupSummary> added,
        Set<BackupLabel> unclear,
        List<String> notes) {
    static StanzaState read(Repository repository) throws BackupException {
        BackupInfo info = repository.backups().info();
        List<BackupLabel> directories = repository.backups().labels();
        Set<BackupLabel> unclear = new HashSet<>();
        List<BackupSummary> added = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        BackupInfo corrected = info;
        for (BackupLabel label : directories) {
            if (info.find(label).isEmpty()
                    && Upkeep.exists(repository, Upkeep.manifest(repository, label))) {
                try {
                    Manifest manifest = repository.backups().manifest(label);
                    BackupSummary summary = manifest.summary();
                    boolean ours =
                            info.databases()
                                    .find(summary.databaseId())
                                    .filter(
                                            database ->
                                                    database.is(
                                                            manifest.database().systemId(),
                                                            manifest.database().version()))
                                    .isPresent();
                    if (ours && hasPrior(summary, corrected)) {
                        corrected = corrected.with(summary);
                        added.add(summary);
                        notes.add("backup " + label + " was not listed: it is complete");
                        continue;
                    }
                } catch (BackupException e) {
                    notes.add("backup " + label + " is left alone: " + e.getMessage());
                }
                unclear.add(label);
            }
        }
        Set<BackupLabel> dropped = dropped(repository, corrected, notes);
        for (BackupLabel label : dropped) {
            corrected = corrected.without(label);
            if (Upkeep.exists(repository, Upkeep.manifest(repository, label) + Upkeep.COPY)) {
                notes.add("files of backup " + label + " stay: a copy of its manifest is there");
                unclear.add(label);
            }
        }
        return new StanzaState(corrected, directories, dropped, added, unclear, notes);
    }

    private static boolean hasPrior(BackupSummary summary, BackupInfo info) {
        return (summary.prior() == null || info.find(summary.prior()).isPresent())
                && summary.reference().stream().allMatch(label -> info.find(label).isPresent());
    }

    /** Newest first, so that what only dropped ones need is dropped, too. */
    private static Set<BackupLabel> dropped(
            Repository repository, BackupInfo info, List<String> notes) throws BackupException {
        Set<BackupLabel> dropped = new HashSet<>();
        for (BackupSummary backup : info.backups().reversed()) {
            BackupLabel label = backup.label();
            if (Upkeep.exists(repository, Upkeep.manifest(repository, label))) {
                continue;
            }
            boolean needed =
                    info.backups().stream()
                            .filter(other -> !dropped.contains(other.label()))
                            .anyMatch(other -> needs(other, label));
            if (needed) {
                notes.add("backup " + label + " has no manifest, but others need its files");
            } else {
                notes.add("backup " + label + " has no manifest: it is not listed any more");
                dropped.add(label);
            }
        }
        return dropped;
    }

    private static boolean needs(BackupSummary backup, BackupLabel label) {
        return label.equals(backup.prior()) || backup.reference().contains(label);
    }

    /** The newest backup that is not complete: it may be running, or be resumed. */
    boolean isUnfinished(BackupLabel label, Repository repository) throws BackupException {
        return directories.stream().noneMatch(other -> other.stamp().compareTo(label.stamp()) > 0)
                && info.find(label).isEmpty()
                && !dropped.contains(label)
                && !Upkeep.exists(repository, Upkeep.manifest(repository, label));
    }
}
