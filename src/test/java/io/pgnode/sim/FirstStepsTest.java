package io.pgnode.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.agent.AgentSnapshot;
import io.pgnode.agent.HaLoop;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The simplest world: no faults but the one that is looked at. */
class FirstStepsTest {
    private static final long SECOND = 1_000_000_000L;

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

    private static void settle(World world, SimCluster cluster, int seconds) {
        for (int i = 0; i < seconds * 10; i++) {
            world.runFor(SECOND / 10);
            if (world.violation() != null || cluster.unsettled().isEmpty()) {
                break;
            }
        }
        if (world.violation() != null || !cluster.unsettled().isEmpty()) {
            world.lastLines().forEach(System.err::println);
            cluster.describe().forEach(System.err::println);
        }
        assertThat(world.violation()).isNull();
        assertThat(cluster.unsettled()).isEmpty();
    }

    @Test
    void bootstrapsAndClones() {
        World world = new World(1);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);

        settle(world, cluster, 60);
    }

    @Test
    void switchesOver() {
        World world = new World(2);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);
        settle(world, cluster, 60);
        MemberName leader = Objects.requireNonNull(cluster.dcs().view().leader()).name();

        var _ = cluster.checker().takeWorstGapNanos();
        var _ =
                cluster.dcs()
                        .direct()
                        .writeSwitchover(new SwitchoverRequest(leader, null, null, 0), 0)
                        .join();
        world.runFor(SECOND / 10);
        settle(world, cluster, 60);

        assertThat(Objects.requireNonNull(cluster.dcs().view().leader()).name())
                .isNotEqualTo(leader);
        assertThat(cluster.checker().takeWorstGapNanos()).isLessThan(2 * SECOND);
    }

    @Test
    void failsOverWhenANodeIsLost() {
        World world = new World(3);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);
        settle(world, cluster, 60);
        SimNode primary = Objects.requireNonNull(cluster.primary());

        var _ = cluster.checker().takeWorstGapNanos();
        primary.powerOff();
        world.runFor(25 * SECOND);
        assertThat(cluster.primary()).isNotNull().isNotEqualTo(primary);
        assertThat(cluster.checker().takeWorstGapNanos()).isLessThan(13 * SECOND);

        primary.powerOn();
        settle(world, cluster, 60);
    }

    @Test
    void recoversACrashedPrimary() {
        World world = new World(4);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);
        settle(world, cluster, 60);
        SimNode primary = Objects.requireNonNull(cluster.primary());

        var _ = cluster.checker().takeWorstGapNanos();
        primary.crashPostmaster();
        world.runFor(SECOND / 10);
        settle(world, cluster, 60);
        assertThat(cluster.checker().takeWorstGapNanos()).isLessThan(3 * SECOND);
    }

    @Test
    void replacesAStalledAgent() {
        World world = new World(5);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);
        settle(world, cluster, 60);
        SimNode primary = Objects.requireNonNull(cluster.primary());

        primary.stallAgent();
        world.runFor(30 * SECOND);
        assertThat(cluster.primary()).isNotNull().isNotEqualTo(primary);

        primary.resumeAgent();
        settle(world, cluster, 60);
    }

    @Test
    void aSnapshotShowsALostLeaseAndAStoppedServerBeforeTheNextCycle() {
        World world = new World(8);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);
        settle(world, cluster, 60);
        SimNode primary = Objects.requireNonNull(cluster.primary());
        HaLoop ha = Objects.requireNonNull(primary.ha());
        List<String> late = new ArrayList<>();
        long epoch = ha.leaseState().epoch();

        assertThat(ha.leaseState().held()).isTrue();
        world.after(SECOND, "test", () -> ha.guardFenced(ha.leaseState().epoch()));
        world.afterEach(
                () -> {
                    AgentSnapshot shown = Objects.requireNonNull(primary.operations()).snapshot();
                    if (!shown.local().lease().equals(ha.leaseState())) {
                        late.add("the lease at " + world.seconds());
                    }
                    if (shown.local().instance().isPrimary()
                            && !primary.instance().isLocalRunning()) {
                        late.add("the instance at " + world.seconds());
                    }
                });
        world.runFor(3 * SECOND);

        assertThat(ha.leaseState().epoch()).isNotEqualTo(epoch);
        assertThat(late).isEmpty();
    }

    @Test
    void keepsWritingWhileAnAgentRestarts() {
        World world = new World(6);
        SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);
        settle(world, cluster, 60);
        SimNode primary = Objects.requireNonNull(cluster.primary());

        var _ = cluster.checker().takeWorstGapNanos();
        primary.killAgent();
        primary.restartAgentIn(2 * SECOND);
        world.runFor(20 * SECOND);

        assertThat(cluster.primary()).isEqualTo(primary);
        assertThat(cluster.checker().takeWorstGapNanos()).isLessThan(SECOND / 2);
    }

    @Test
    void namesASynchronousStandby() {
        World world = new World(7);
        SimCluster cluster =
                new SimCluster(
                        world, SimSetup.calm(SimSetup.config(5, "on", true, false)), Rules.REAL);
        settle(world, cluster, 60);

        Objects.requireNonNull(cluster.primary()).powerOff();
        world.runFor(20 * SECOND);
        assertThat(cluster.primary()).isNotNull();
        cluster.nodes().forEach(SimNode::powerOn);
        settle(world, cluster, 60);
    }
}
