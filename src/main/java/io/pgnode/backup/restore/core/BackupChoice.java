package io.pgnode.backup.restore.core;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which backup a restore starts from, by pgBackRest's rules.
 *
 * <p>For a time the newest that was complete before it, for a position the newest that is
 * consistent at it, for everything else the newest: where a transaction or a name is, nobody knows
 * before replay, so for a target older than the newest backup its label must be given. Repositories
 * are asked by their keys; the first one that has a fitting backup is taken.
 *
 * @param backup null when there is none
 * @param reason why this one, or why none
 */
public record BackupChoice(@Nullable BackupCandidate backup, String reason) {
    /**
     * @param label the one that is wanted; null to choose
     */
    public static BackupChoice choose(
            List<BackupCandidate> all, @Nullable String label, RestoreTarget target) {
        List<BackupCandidate> byRank =
                all.stream()
                        .sorted(
                                Comparator.comparingInt(BackupCandidate::repositoryKey)
                                        .thenComparing(
                                                BackupCandidate::label, Comparator.reverseOrder()))
                        .toList();
        if (label != null) {
            return wanted(byRank, label);
        }
        if (byRank.isEmpty()) {
            return new BackupChoice(null, "there is no backup");
        }
        for (BackupCandidate backup : byRank) {
            if (fits(backup, target)) {
                return new BackupChoice(backup, reason(target));
            }
        }
        BackupCandidate oldest =
                byRank.stream().min(Comparator.comparing(BackupCandidate::stop)).orElseThrow();
        return new BackupChoice(
                null,
                "every backup ended after the target; the oldest is "
                        + oldest.label()
                        + ", complete at "
                        + (target instanceof RestoreTarget.Position
                                ? String.valueOf(oldest.stopLsn())
                                : oldest.stop().toString()));
    }

    private static BackupChoice wanted(List<BackupCandidate> all, String label) {
        for (BackupCandidate backup : all) {
            if (label.equals("latest") || backup.label().text().equals(label)) {
                return new BackupChoice(backup, "asked for");
            }
        }
        return new BackupChoice(null, "there is no backup " + label);
    }

    private static boolean fits(BackupCandidate backup, RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.Time time -> backup.stop().isBefore(time.at());
            case RestoreTarget.Position position ->
                    backup.stopLsn() != null && backup.stopLsn().compareTo(position.lsn()) <= 0;
            case RestoreTarget.End _,
                    RestoreTarget.Immediate _,
                    RestoreTarget.Xid _,
                    RestoreTarget.Name _ ->
                    true;
        };
    }

    private static String reason(RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.Time _ -> "the newest that was complete before the target";
            case RestoreTarget.Position _ -> "the newest that is consistent at the target";
            case RestoreTarget.Xid _, RestoreTarget.Name _ ->
                    "the newest; the target must come after it";
            case RestoreTarget.End _, RestoreTarget.Immediate _ -> "the newest";
        };
    }
}
