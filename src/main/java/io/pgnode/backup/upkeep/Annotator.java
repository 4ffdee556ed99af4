package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.repo.Repository;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds and removes annotations of backups: keys and values in {@code backup.info}. As with
 * pgBackRest the manifest keeps what the backup was made with.
 */
public final class Annotator {
    private Annotator() {}

    /**
     * The caller holds the stanza's backup lock.
     *
     * @param changes values by key; an empty value removes the key
     * @throws BackupException {@code BACKUP_SET_INVALID} when there is no such backup, {@code
     *     OPTION_INVALID_VALUE} for a key that cannot be one; nothing is written then
     */
    public static void annotate(
            Repository repository, BackupLabel label, Map<String, String> changes)
            throws BackupException {
        for (String key : changes.keySet()) {
            if (key.isBlank() || key.contains("=")) {
                throw new BackupException(
                        BackrestExit.OPTION_INVALID_VALUE,
                        "annotation \"" + key + "\" must have a key without =",
                        "annotations look like owner=ann; owner= removes it");
            }
        }
        if (repository.backups().info().find(label).isEmpty()) {
            throw new BackupException(
                    BackrestExit.BACKUP_SET_INVALID,
                    repository.describe() + " has no backup " + label,
                    "pgnode backup list shows what there is");
        }
        repository.backups().update(info -> changed(info, label, changes));
    }

    private static BackupInfo changed(
            BackupInfo info, BackupLabel label, Map<String, String> changes) {
        return info.find(label).map(backup -> info.with(changed(backup, changes))).orElse(info);
    }

    private static BackupSummary changed(BackupSummary backup, Map<String, String> changes) {
        Map<String, String> annotation = new TreeMap<>(backup.annotation());
        changes.forEach(
                (key, value) -> {
                    if (value.isEmpty()) {
                        annotation.remove(key);
                    } else {
                        annotation.put(key, value);
                    }
                });
        return backup.withAnnotation(annotation);
    }
}
