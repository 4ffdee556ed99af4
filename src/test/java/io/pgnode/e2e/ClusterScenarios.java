package io.pgnode.e2e;

import io.pgnode.testing.ClusterMember;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.WriteProbe;
import java.time.Duration;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * Scenarios that share one cluster, because to build one takes longer than most of them. Each
 * begins with a healthy cluster; one that a failed scenario left unwell is replaced.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClusterScenarios {
    /** Lease of the preset fast, in which all scenarios run. */
    static final long LEASE_MILLIS = 5_000;

    /**
     * Longest time without writes that any single fault may cost: lease, promotion, and a slow
     * machine.
     */
    static final Duration FAILOVER = Duration.ofSeconds(15);

    static final Duration HEALTHY = Duration.ofSeconds(60);
    private static final Duration STILL_HEALTHY = Duration.ofSeconds(20);

    private @Nullable PgnodeCluster cluster;

    /** A new cluster, not started. */
    abstract PgnodeCluster build();

    PgnodeCluster cluster() {
        if (cluster == null) {
            throw new IllegalStateException("no cluster yet");
        }
        return cluster;
    }

    WriteProbe startProbe() {
        return WriteProbe.start(cluster());
    }

    int primary() {
        return cluster().primary().orElseThrow();
    }

    /** A node that is not the primary. */
    int standby() {
        return (primary() + 1) % cluster().size();
    }

    /** The standby that commits wait for, to which alone a switchover is possible. */
    int syncStandby() {
        String name =
                cluster().members().stream()
                        .filter(ClusterMember::isSynchronous)
                        .map(ClusterMember::name)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no synchronous standby"));
        return IntStream.range(0, cluster().size())
                .filter(node -> cluster().memberName(node).equals(name))
                .findFirst()
                .orElseThrow();
    }

    @BeforeEach
    void healthyCluster() {
        if (cluster != null) {
            try {
                cluster.awaitHealthy(STILL_HEALTHY);
                return;
            } catch (AssertionError e) {
                cluster.close();
            }
        }
        cluster = build();
        cluster.start();
    }

    @AfterAll
    void endCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }
}
