package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.model.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyEstimateTest {
    private static final long GB = 1_000_000_000;

    private static RepositoryOffer offer(long data, long stored, long wal) {
        return new RepositoryOffer(
                "20260101-000000F",
                1,
                "7",
                1,
                new Lsn(100),
                "000000010000000000000003",
                new Lsn(0x3000000),
                data,
                stored,
                wal,
                0,
                2);
    }

    private static CopyEstimate of(long data, long stored, long wal) {
        return CopyEstimate.of(offer(data, stored, wal), 0, 0, List.of());
    }

    @Test
    void aSmallClusterIsCopiedFromTheLeader() {
        assertThat(of(GB / 20, GB / 100, GB / 20).prefersRepository()).isFalse();
    }

    @Test
    void aLargeOneThatCompressesWellComesFromTheRepository() {
        CopyEstimate estimate = of(100 * GB, 25 * GB, 5 * GB);
        assertThat(estimate.prefersRepository()).isTrue();
        assertThat(estimate).hasToString("repository 264 s, pg_basebackup 911 s");
    }

    @Test
    void muchWalSinceTheBackupSpeaksForTheLeader() {
        assertThat(of(100 * GB, 25 * GB, 200 * GB).prefersRepository()).isFalse();
    }

    @Test
    void whatIsThereAlreadyNeedNotBeFetched() {
        RepositoryOffer offer = offer(100 * GB, 95 * GB, 10 * GB);
        CopyEstimate fresh = CopyEstimate.of(offer, 0, 0, List.of());
        CopyEstimate reused = CopyEstimate.of(offer, 0, 100 * GB, List.of());
        assertThat(fresh.prefersRepository()).isFalse();
        assertThat(reused.prefersRepository()).isTrue();
        assertThat(reused.basebackup()).isEqualTo(fresh.basebackup());
    }

    @Test
    void aClusterThatHasGrownAndARateThatIsSetCount() {
        RepositoryOffer offer = offer(10 * GB, 10 * GB, 2 * GB);
        assertThat(CopyEstimate.of(offer, 10 * GB, 0, List.of()).prefersRepository()).isFalse();
        assertThat(CopyEstimate.of(offer, 30 * GB, 0, List.of()).prefersRepository()).isTrue();
        assertThat(CopyEstimate.of(offer, 0, 0, List.of("--max-rate=20M")).prefersRepository())
                .isTrue();
    }

    @Test
    void readsTheRateAsPgBasebackupDoes() {
        assertThat(CopyEstimate.rate(List.of("--checkpoint=fast", "--max-rate=100M")))
                .hasValue(100L << 20);
        assertThat(CopyEstimate.rate(List.of("--max-rate=2048"))).hasValue(2L << 20);
        assertThat(CopyEstimate.rate(List.of("-r 32k"))).hasValue(32L << 10);
        assertThat(CopyEstimate.rate(List.of("--max-rate=x", "--no-sync"))).isEmpty();
    }

    @Test
    void readsWhatTheRestoreProgramSays() {
        String text =
                """
                backup=20260101-000000F
                repository=1
                system-id=7
                timeline=1
                consistent=0/64
                next-segment=000000010000000000000003
                next-begin=0/3000000
                data-bytes=10
                repository-bytes=5
                wal-bytes=3
                outside=0
                workers=2
                """;
        assertThat(RepositoryOffer.parse(text)).isEqualTo(offer(10, 5, 3));
        assertThatThrownBy(() -> RepositoryOffer.parse(text.replace("timeline=1\n", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("says no timeline");
        assertThatThrownBy(() -> RepositoryOffer.parse(text.replace("=0000000100", "='; --")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not the name of a WAL segment");
    }
}
