package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.TransferLoad;
import io.pgnode.testing.Waiting;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Pooled clients on all nodes do not notice that the primary moves. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class SwitchoverUnderLoadTest extends ClusterScenarios {
    private static final int CLIENTS = 64;
    private static final int PRIMARY_SERVICE = 5433;
    private static final Duration SOON = Duration.ofSeconds(30);

    /** The disk, which etcd needs, too, is not what is tested here. */
    private static final String EASY_ON_THE_DISK =
            "{postgresql: {parameters: {synchronous_commit: 'off'}}}";

    @Override
    PgnodeCluster build() {
        return new PgnodeCluster(3, "fast", EASY_ON_THE_DISK).withGateways();
    }

    @Test
    void noClientSeesAnErrorAndNoTransferIsLost() throws SQLException {
        int before = primary();
        int after = standby();
        try (Connection direct = cluster().connect(before)) {
            TransferLoad.prepare(direct);
        }
        List<String> services =
                IntStream.range(0, cluster().size())
                        .mapToObj(node -> cluster().serviceUrl(node, PRIMARY_SERVICE))
                        .toList();
        TransferLoad.Seen seen;
        try (TransferLoad load = TransferLoad.start(services, CLIENTS)) {
            cluster().switchover(before, after);
            long moved = load.seen().transfers();
            Waiting.until(
                    SOON,
                    () -> "transfers go on\n" + cluster().diagnostics(),
                    () -> load.seen().transfers() > moved + 10L * CLIENTS);
            seen = load.seen();
        }

        assertThat(seen.outside()).as("errors outside transactions").isEmpty();
        assertThat(seen.inside()).as("broken transactions").isEmpty();
        assertThat(primary()).isEqualTo(after);
        try (Connection direct = cluster().connect(after)) {
            assertThat(TransferLoad.isSumRight(direct)).as("sum of all balances").isTrue();
        }
    }
}
