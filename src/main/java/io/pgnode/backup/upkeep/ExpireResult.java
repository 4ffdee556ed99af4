package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.ExpirePlan;
import java.util.ArrayList;
import java.util.List;

/**
 * What was removed, or would be.
 *
 * @param repository its key
 * @param directories of backups, newest first: those the plan removes, and leftovers
 * @param wal of the archives, oldest first
 * @param history files of backups' history
 * @param notes what an operator should know, too
 */
public record ExpireResult(
        int repository,
        ExpirePlan plan,
        List<BackupLabel> directories,
        List<RemovedWal> wal,
        List<String> history,
        List<String> notes) {
    /**
     * WAL of one archive.
     *
     * @param what a directory, files from one to another, or a history file
     */
    public record RemovedWal(String archiveId, String what, int files, String reason) {}

    public ExpireResult {
        directories = List.copyOf(directories);
        wal = List.copyOf(wal);
        history = List.copyOf(history);
        notes = List.copyOf(notes);
    }

    /** For an operator: each thing that goes, with the reason; then the backups that stay. */
    public List<String> lines() {
        String repo = "repo" + repository + ": ";
        List<String> lines = new ArrayList<>();
        for (ExpirePlan.Decision decision : plan.removals()) {
            lines.add(repo + "remove backup " + decision.label() + ": " + decision.reason());
        }
        for (BackupLabel label : directories) {
            if (plan.removals().stream().noneMatch(removal -> removal.label().equals(label))) {
                lines.add(repo + "remove files of " + label + ": no backup of that name is listed");
            }
        }
        for (RemovedWal removed : wal) {
            lines.add(
                    repo
                            + "remove WAL "
                            + removed.archiveId()
                            + " "
                            + removed.what()
                            + ": "
                            + removed.reason());
        }
        history.forEach(file -> lines.add(repo + "remove history " + file + ": retention.history"));
        for (ExpirePlan.Decision decision : plan.kept()) {
            lines.add(repo + "keep backup " + decision.label() + ": " + decision.reason());
        }
        notes.forEach(note -> lines.add(repo + note));
        return lines;
    }
}
