package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.archive.ArchiveGuard.Answer;
import io.pgnode.backup.archive.Ownership.Verdict;
import io.pgnode.backup.core.WalFile;
import io.pgnode.postgres.core.HistoryFile;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OwnershipTest {
    private static final Answer ALLOWED = new Answer.Allowed(7);
    private static final Answer REFUSED = new Answer.Refused("member n2 leads since epoch 8");
    private static final Answer UNKNOWN = new Answer.Unknown();

    /** Timeline 2 left timeline 1 in the middle of segment 5. */
    private static final HistoryFile SECOND = HistoryFile.parse("1\t0/5800000\tno recovery target");

    private static final Map<Integer, HistoryFile> NONE = Map.of();
    private static final Map<Integer, HistoryFile> LEFT = Map.of(2, SECOND);

    private static Verdict judge(String file, Answer answer, Map<Integer, HistoryFile> archived) {
        return judge(file, answer, null, archived);
    }

    private static Verdict judge(
            String file,
            Answer answer,
            @Nullable HistoryFile own,
            Map<Integer, HistoryFile> archived) {
        return Ownership.judge(WalFile.parse(file), answer, new Lineage(own, archived, 16 << 20));
    }

    @Test
    void theLeaderArchivesWhateverTheHistoriesSay() {
        assertThat(judge("000000010000000000000006", ALLOWED, LEFT))
                .isInstanceOf(Verdict.Archive.class);
    }

    @Test
    void whereNobodyKnowsTheHistoriesDecide() {
        assertThat(judge("000000010000000000000006", UNKNOWN, NONE))
                .isInstanceOf(Verdict.Archive.class);
        assertThat(judge("000000010000000000000004", UNKNOWN, LEFT))
                .isInstanceOf(Verdict.Archive.class);
        assertThat(judge("000000010000000000000005", UNKNOWN, LEFT))
                .isInstanceOf(Verdict.Later.class);
        assertThat(judge("000000010000000000000006", UNKNOWN, LEFT))
                .isInstanceOf(Verdict.Later.class);
    }

    @Test
    void divergedWalOfWhoDoesNotLeadIsQuarantined() {
        assertThat(judge("000000010000000000000006", REFUSED, LEFT))
                .isEqualTo(
                        new Verdict.Quarantine(
                                "member n2 leads since epoch 8; timeline 00000002 left timeline"
                                        + " 00000001 at 0/5800000"));
        // The segment of the switch has bytes after it.
        assertThat(judge("000000010000000000000005", REFUSED, LEFT))
                .isInstanceOf(Verdict.Quarantine.class);
    }

    @Test
    void whatIsCommonToBothIsArchivedByWhoeverHasIt() {
        assertThat(judge("000000010000000000000004", REFUSED, LEFT))
                .isInstanceOf(Verdict.Archive.class);
        assertThat(judge("000000010000000000000005.partial", REFUSED, LEFT))
                .isInstanceOf(Verdict.Archive.class);
        assertThat(judge("000000010000000000000005.00100000.backup", REFUSED, LEFT))
                .isInstanceOf(Verdict.Archive.class);
        assertThat(judge("000000010000000000000005.00900000.backup", REFUSED, LEFT))
                .isInstanceOf(Verdict.Quarantine.class);
    }

    @Test
    void beforeTheNextTimelineIsKnownNothingIsDecided() {
        assertThat(judge("000000010000000000000006", REFUSED, NONE))
                .isInstanceOf(Verdict.Later.class);
        // A history that this timeline is not part of says nothing about it.
        assertThat(judge("000000030000000000000006", REFUSED, LEFT))
                .isInstanceOf(Verdict.Later.class);
    }

    @Test
    void oneOfTwoTimelinesOfTheSameNumberIsQuarantined() {
        HistoryFile own = HistoryFile.parse("1\t0/6000000\tno recovery target");
        assertThat(judge("000000020000000000000006", REFUSED, own, LEFT))
                .isInstanceOf(Verdict.Quarantine.class);
        assertThat(judge("00000002.history", REFUSED, own, LEFT))
                .isInstanceOf(Verdict.Quarantine.class);
        assertThat(judge("00000002.history", UNKNOWN, own, LEFT)).isInstanceOf(Verdict.Later.class);
        assertThat(judge("00000002.history", UNKNOWN, SECOND, LEFT))
                .isInstanceOf(Verdict.Archive.class);
    }
}
