package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.Lsn;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepositoryFitTest {
    /** Timeline 3, which left 2 at 0/500, which left 1 at 0/300. */
    private static final HistoryFile HISTORY = HistoryFile.parse("1\t0/300\tx\n2\t0/500\tx\n");

    private static Optional<String> refusal(int timeline, long consistent) {
        return refusal("7", timeline, consistent, true);
    }

    private static Optional<String> refusal(
            String systemId, int timeline, long consistent, boolean hasNext) {
        RepositoryOffer offer =
                new RepositoryOffer(
                        "20260101-000000F",
                        1,
                        systemId,
                        timeline,
                        new Lsn(consistent),
                        "000000030000000000000003",
                        new Lsn(0x3000000),
                        1,
                        1,
                        1,
                        0,
                        1);
        return RepositoryFit.refusal(offer, "7", 3, HISTORY, hasNext);
    }

    @Test
    void aBackupOfTheLeadersPastWillDo() {
        assertThat(refusal(3, 0x900)).isEmpty();
        assertThat(refusal(2, 0x500)).isEmpty();
        assertThat(refusal(1, 0x300)).isEmpty();
    }

    @Test
    void oneFromAfterTheDivergenceWillNot() {
        assertThat(refusal(2, 0x501).orElse(""))
                .isEqualTo(
                        "the leader left timeline 2 at 0/500, before the backup was consistent at"
                                + " 0/501");
        assertThat(refusal(1, 0x400)).isPresent();
        assertThat(refusal(4, 0x100).orElse("")).contains("timeline 3 does not come from");
    }

    @Test
    void anotherClustersWillNot() {
        assertThat(refusal("8", 3, 0x900, true).orElse("")).contains("another cluster");
    }

    @Test
    void withoutTheWalInBetweenItWillNot() {
        assertThat(refusal("7", 3, 0x900, false).orElse(""))
                .contains("neither the archive nor the leader has 000000030000000000000003");
    }
}
