package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.WalSegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code verify} found in a repository.
 *
 * @param repository its key
 * @param damages by path, then by problem
 * @param archives by archive id
 * @param backups by label
 * @param files that were read
 * @param bytes that were read, as stored
 * @param notes what is no damage, but worth knowing
 */
public record VerifyReport(
        int repository,
        List<Damage> damages,
        List<ArchiveReport> archives,
        List<BackupReport> backups,
        long files,
        long bytes,
        List<String> notes) {
    /**
     * A file that is not what it should be, or is not there.
     *
     * @param path in the repository
     */
    public record Damage(String path, String problem) implements Comparable<Damage> {
        @Override
        public int compareTo(Damage other) {
            int byPath = path.compareTo(other.path);
            return byPath != 0 ? byPath : problem.compareTo(other.problem);
        }

        @Override
        public String toString() {
            return path + ": " + problem;
        }
    }

    /**
     * WAL of one cluster.
     *
     * @param segments complete ones that are there
     * @param gaps within timelines; older ones are what retention left
     */
    public record ArchiveReport(String archiveId, long segments, List<Gap> gaps) {
        public ArchiveReport {
            gaps = List.copyOf(gaps);
        }
    }

    /** Segments in a row that are not there; both ends are missing. */
    public record Gap(WalSegment first, WalSegment last) {
        @Override
        public String toString() {
            return first.equals(last) ? first.text() : first + " to " + last;
        }
    }

    /** What a backup is worth. */
    public enum Status {
        VALID("valid"),
        /** A file that it has, or refers to, or its WAL, is damaged. */
        INVALID("invalid"),
        MISSING_MANIFEST("manifest missing"),
        IN_PROGRESS("in progress");

        private final String words;

        Status(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /**
     * A backup.
     *
     * @param files with those of other backups that it refers to
     */
    public record BackupReport(BackupLabel label, Status status, long files) {}

    public VerifyReport {
        damages = List.copyOf(damages);
        archives = List.copyOf(archives);
        backups = List.copyOf(backups);
        notes = List.copyOf(notes);
    }

    public boolean isClean() {
        return damages.isEmpty();
    }

    /** For an operator. */
    public List<String> lines() {
        String repo = "repo" + repository + ": ";
        List<String> lines = new ArrayList<>();
        damages.forEach(damage -> lines.add(repo + "damaged: " + damage));
        for (ArchiveReport archive : archives) {
            lines.add(
                    repo
                            + "archive "
                            + archive.archiveId()
                            + ": "
                            + archive.segments()
                            + " segments, "
                            + archive.gaps().size()
                            + " gaps");
            archive.gaps().forEach(gap -> lines.add(repo + archive.archiveId() + " lacks " + gap));
        }
        for (BackupReport backup : backups) {
            lines.add(
                    repo
                            + "backup "
                            + backup.label()
                            + ": "
                            + backup.status().words()
                            + ", "
                            + backup.files()
                            + " files");
        }
        notes.forEach(note -> lines.add(repo + note));
        return lines;
    }
}
