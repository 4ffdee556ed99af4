package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.WalReach;
import io.pgnode.model.Lsn;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a restore would do, found out without changing anything.
 *
 * @param repository where the backup is: {@code repo1 (/var/lib/pgbackrest)}; empty when there is
 *     no backup
 * @param backup null when none fits
 * @param reason why this one, or why none
 * @param stop when it was complete; null without a backup
 * @param chain all backups that it needs, itself last
 * @param timelines that recovery goes through, from the backup's to the target's
 * @param wal null for a backup of a server that was down, and when nothing can be said
 * @param walBytes of the segments, uncompressed
 * @param dataBytes of the restored files
 * @param repositoryBytes that are read for them at most
 * @param mappings what is outside of the data directory
 * @param copyTime about
 * @param replayTime about
 * @param problems why the restore would be refused; none when it would not
 * @param warnings what somebody should know before
 * @param standby null unless the server is to stay a standby
 */
public record RestorePlan(
        String repository,
        @Nullable BackupLabel backup,
        String reason,
        @Nullable Instant stop,
        List<BackupLabel> chain,
        RestoreTarget target,
        List<Integer> timelines,
        @Nullable WalReach wal,
        long walBytes,
        long dataBytes,
        long files,
        long repositoryBytes,
        List<Mapping> mappings,
        List<Space> spaces,
        Duration copyTime,
        Duration replayTime,
        List<Problem> problems,
        List<String> warnings,
        @Nullable Standby standby) {
    public RestorePlan {
        chain = List.copyOf(chain);
        timelines = List.copyOf(timelines);
        mappings = List.copyOf(mappings);
        spaces = List.copyOf(spaces);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /**
     * A tablespace or a link.
     *
     * @param name {@code tablespace t1 (16384)}, {@code link pg_wal}
     * @param from where it was
     * @param to where it comes; null when it comes as a part of the data directory
     */
    public record Mapping(String name, String from, @Nullable Path to) {}

    /**
     * A file system.
     *
     * @param path a directory in it
     * @param needed bytes
     * @param free bytes
     */
    public record Space(Path path, long needed, long free) {
        public boolean isEnough() {
            return needed <= free;
        }
    }

    /**
     * Why it would be refused.
     *
     * @param hint what to do next; null when there is nothing to say
     */
    public record Problem(BackrestExit exit, String message, @Nullable String hint) {}

    /**
     * Of the copy of a running cluster, for who has to decide whether to make it.
     *
     * @param repository number of the one that the backup is in
     * @param systemId of the cluster that the backup is of
     * @param timeline of the backup
     * @param consistent where the backup is
     * @param next the first segment after the backup's that the archive does not have: the leader
     *     must have it
     * @param nextBegin the position of its first byte
     */
    public record Standby(
            int repository,
            String systemId,
            int timeline,
            Lsn consistent,
            WalSegment next,
            Lsn nextBegin) {}

    /**
     * For programs: lines of name and value, which the agent reads before it makes a replica.
     *
     * @param workers threads that would copy
     */
    public String facts(int workers) {
        if (backup == null || standby == null) {
            return "";
        }
        return """
                backup=%s
                repository=%d
                system-id=%s
                timeline=%s
                consistent=%s
                next-segment=%s
                next-begin=%s
                data-bytes=%d
                repository-bytes=%d
                wal-bytes=%d
                outside=%d
                workers=%d
                """
                .formatted(
                        backup,
                        standby.repository(),
                        standby.systemId(),
                        Integer.toUnsignedString(standby.timeline()),
                        standby.consistent(),
                        standby.next(),
                        standby.nextBegin(),
                        dataBytes,
                        repositoryBytes,
                        walBytes,
                        mappings.stream().filter(mapping -> mapping.to() != null).count(),
                        workers);
    }

    /** Whether nothing stands against it. */
    public boolean isPossible() {
        return problems.isEmpty();
    }

    /** For people, some lines. */
    public String text() {
        List<String> lines = new ArrayList<>();
        if (backup == null) {
            lines.add("backup       none: " + reason);
        } else {
            lines.add("backup       " + backup + " in " + repository + " (" + reason + ")");
            lines.add("complete     " + stop);
            lines.add(
                    "needs        "
                            + chain.stream()
                                    .map(BackupLabel::text)
                                    .collect(Collectors.joining(", ")));
            lines.add(
                    "data         %s in %d files, %s in the repository"
                            .formatted(bytes(dataBytes), files, bytes(repositoryBytes)));
        }
        lines.add("recovery     " + target.describe());
        if (!timelines.isEmpty()) {
            lines.add(
                    "timelines    "
                            + timelines.stream()
                                    .map(Integer::toUnsignedString)
                                    .collect(Collectors.joining(" -> ")));
        }
        if (wal != null) {
            lines.add(
                    "WAL          %s to %s, %d segments, %s"
                            .formatted(wal.first(), wal.last(), wal.count(), bytes(walBytes)));
            lines.add(
                    "target       "
                            + wal.verdict().name().toLowerCase(Locale.ROOT)
                            + ": "
                            + wal.explanation());
        }
        for (Mapping mapping : mappings) {
            lines.add(
                    "%-12s %s -> %s"
                            .formatted(
                                    mapping.name(),
                                    mapping.from(),
                                    mapping.to() == null
                                            ? "in the data directory"
                                            : mapping.to().toString()));
        }
        for (Space space : spaces) {
            lines.add(
                    "space        %s: needs %s, free %s"
                            .formatted(space.path(), bytes(space.needed()), bytes(space.free())));
        }
        if (backup != null) {
            lines.add(
                    "time         about %s to copy, %s to replay"
                            .formatted(seconds(copyTime), seconds(replayTime)));
        }
        warnings.forEach(warning -> lines.add("WARNING: " + warning));
        for (Problem problem : problems) {
            lines.add("PROBLEM: " + problem.message());
            if (problem.hint() != null) {
                lines.add("HINT: " + problem.hint());
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String bytes(long count) {
        if (count < 1024) {
            return count + " B";
        }
        String units = "KMGTPE";
        double value = count;
        int unit = -1;
        while (value >= 1024 && unit < units.length() - 1) {
            value /= 1024;
            unit++;
        }
        return "%.1f %ciB".formatted(value, units.charAt(unit));
    }

    private static String seconds(Duration time) {
        long seconds = Math.max(1, time.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds / 60 + " min";
    }
}
