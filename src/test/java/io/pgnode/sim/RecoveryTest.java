package io.pgnode.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterRecovery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recoveries of the whole cluster to a point in time, while agents, servers and nodes die. */
class RecoveryTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int SEEDS = 200;

    private SimLog log = SimLog.install();

    @BeforeEach
    void install() {
        log.close();
        log = SimLog.install();
    }

    @AfterEach
    void remove() {
        log.close();
    }

    /** One cluster, a point in its WAL, and what was written after it. */
    private static final class Run {
        private final World world;
        private final SimCluster cluster;
        private final Random random;
        private final List<Long> undone = new ArrayList<>();
        private int target;

        Run(long seed, String sync) {
            world = new World(seed);
            cluster =
                    new SimCluster(
                            world,
                            SimSetup.calm(SimSetup.config(5, sync, false, false)),
                            Rules.REAL);
            random = world.chance("recovery test");
        }

        void run(double seconds) {
            world.runFor((long) (seconds * SECOND));
            if (world.violation() != null) {
                world.lastLines().forEach(System.err::println);
                cluster.describe().forEach(System.err::println);
            }
            assertThat(world.violation()).isNull();
        }

        void settle() {
            run(0.1);
            for (int i = 0; i < 1200 && !isSettled(); i++) {
                run(0.1);
            }
            if (!isSettled()) {
                world.lastLines().forEach(System.err::println);
                cluster.describe().forEach(System.err::println);
            }
            assertThat(cluster.unsettled()).isEmpty();
            assertThat(cluster.dcs().view().recovery()).isNull();
        }

        private boolean isSettled() {
            return cluster.unsettled().isEmpty() && cluster.dcs().view().recovery() == null;
        }

        SimNode primary() {
            return Objects.requireNonNull(cluster.primary());
        }

        /** Asks for the state of some moments ago. */
        void request() {
            settle();
            target = primary().instance().wal().flushed();
            run(3);
            Wal wal = primary().instance().wal();
            wal.slice(target, wal.flushed()).forEach(rec -> undone.add(rec.id()));
            assertThat(undone).isNotEmpty();
            var _ =
                    cluster.dcs()
                            .direct()
                            .writeRecovery(
                                    new ClusterRecovery(
                                            "r",
                                            primary().name(),
                                            Map.of("target", Integer.toString(target)),
                                            ClusterRecovery.Step.STOP,
                                            0,
                                            "",
                                            0),
                                    0);
        }

        /** The point is reached by all, and nothing that came after it is left. */
        void checkResult() {
            for (SimNode node : cluster.nodes()) {
                Wal wal = node.instance().wal();
                for (Wal.Rec rec : wal.slice(0, wal.size())) {
                    assertThat(undone).doesNotContain(rec.id());
                }
            }
            cluster.checker().settled();
            assertThat(world.violation()).isNull();
        }

        /** Something dies, and comes back. */
        void trouble() {
            List<SimNode> nodes = new ArrayList<>(cluster.nodes());
            SimNode node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    node.killAgent();
                    node.restartAgentIn((long) (random.nextDouble() * 8 * SECOND));
                }
                case 2 -> node.crashPostmaster();
                case 3 -> {
                    node.powerOff();
                    world.after((long) (random.nextDouble() * 15 * SECOND), "test", node::powerOn);
                }
                default -> {
                    String host = node.name().value();
                    cluster.network().cut(host, SimDcs.HOST);
                    world.after(
                            (long) (random.nextDouble() * 12 * SECOND),
                            "test",
                            () -> cluster.network().heal(host, SimDcs.HOST));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "on"})
    void everybodyIsTakenBack(String sync) {
        Run run = new Run(1, sync);
        run.request();
        run.run(30);
        run.settle();
        run.checkResult();
    }

    @Test
    void anAbortLeavesTheDataAsItWas() {
        Run run = new Run(2, "off");
        run.request();
        SimNode leader = run.primary();
        run.run(0.5);
        leader.powerOff();
        run.run(1);
        ClusterRecovery standing = Objects.requireNonNull(run.cluster.dcs().view().recovery());
        assertThat(standing.step()).isNotEqualTo(ClusterRecovery.Step.REBUILD);
        run.run(15);
        assertThat(run.cluster.primary()).isNull();

        var _ = run.cluster.dcs().direct().writeRecovery(null, standing.modRevision());
        run.run(15);
        Wal wal = run.primary().instance().wal();
        assertThat(run.primary()).isNotEqualTo(leader);
        assertThat(wal.slice(0, wal.size()))
                .extracting(Wal.Rec::id)
                .contains(run.undone.getFirst());
        leader.powerOn();
        run.settle();
    }

    @Test
    void whoeverDiesItComesToItsEnd() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                Run run = new Run(seed, seed % 2 == 0 ? "off" : "on");
                run.request();
                for (int i = 0; i < 6; i++) {
                    run.run(run.random.nextDouble() * 5);
                    run.trouble();
                }
                run.run(20);
                run.settle();
                run.checkResult();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
