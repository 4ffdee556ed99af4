package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiveGuard.Answer;
import io.pgnode.backup.core.WalFile;
import java.util.Optional;

/**
 * Whether a file may go into the archive. Two members that both believed to lead wrote different
 * things under the same names; the archive takes those of the history that goes on, and the others
 * are kept aside.
 */
final class Ownership {
    private Ownership() {}

    /** What becomes of a file. */
    sealed interface Verdict {
        /** It belongs into the archive. */
        record Archive() implements Verdict {}

        /**
         * It belongs to a history that ended: nobody will recover along it.
         *
         * @param why for people
         */
        record Quarantine(String why) implements Verdict {}

        /**
         * Nobody can tell yet: PostgreSQL keeps the file and asks again.
         *
         * @param why for people
         */
        record Later(String why) implements Verdict {}
    }

    /**
     * @param answer of the cluster
     * @param lineage of the file's timeline
     */
    static Verdict judge(WalFile file, Answer answer, Lineage lineage) {
        Optional<String> divergence = lineage.divergence(file);
        return switch (answer) {
            case Answer.Allowed _ -> new Verdict.Archive();
            case Answer.Unknown _ ->
                    divergence
                            .<Verdict>map(
                                    why -> new Verdict.Later(why + ", and nobody says who leads"))
                            .orElseGet(Verdict.Archive::new);
            case Answer.Refused(String reason) -> {
                if (divergence.isPresent()) {
                    yield new Verdict.Quarantine(reason + "; " + divergence.get());
                }
                // What comes before the point where the next timeline left is common to both.
                yield lineage.successor(timeline(file)).isPresent()
                        ? new Verdict.Archive()
                        : new Verdict.Later(
                                reason + "; the history of the next timeline is not archived yet");
            }
        };
    }

    /** The timeline that a file is of. */
    static int timeline(WalFile file) {
        return switch (file) {
            case WalFile.Segment(var segment) -> segment.timeline();
            case WalFile.Partial(var segment) -> segment.timeline();
            case WalFile.BackupHistory(var segment, _) -> segment.timeline();
            case WalFile.History(int timeline) -> timeline;
        };
    }
}
