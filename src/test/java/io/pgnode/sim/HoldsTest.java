package io.pgnode.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.agent.Operations;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients wait through planned stops, and nothing waits for gateways longer than it may. */
class HoldsTest {
    private static final long SECOND = 1_000_000_000L;

    /** Of the steps: members, own gateway, 2 s for open transactions and its answer. */
    private static final double BUDGET_SECONDS = 0.5 + 0.25 + 2 + 0.25;

    private SimLog log = SimLog.install();
    private World world = new World(1);
    private SimCluster cluster = new SimCluster(world, SimSetup.calm(), Rules.REAL);

    @BeforeEach
    void install() {
        log.close();
        log = SimLog.install();
    }

    @AfterEach
    void remove() {
        log.close();
    }

    private void run(double seconds) {
        world.runFor((long) (seconds * SECOND));
        if (world.violation() != null) {
            world.lastLines().forEach(System.err::println);
        }
        assertThat(world.violation()).isNull();
    }

    private void settle() {
        run(0.1);
        for (int i = 0; i < 600 && !cluster.unsettled().isEmpty(); i++) {
            run(0.1);
        }
        assertThat(cluster.unsettled()).isEmpty();
    }

    private SimNode primary() {
        return Objects.requireNonNull(cluster.primary());
    }

    private SimNode switchOver() {
        SimNode before = primary();
        var _ =
                cluster.dcs()
                        .direct()
                        .writeSwitchover(new SwitchoverRequest(before.name(), null, null, 0), 0);
        return before;
    }

    private double secondsUntilAnotherLeads(SimNode before) {
        for (int i = 0; i < 3000; i++) {
            SimNode now = cluster.primary();
            if (now != null && now != before) {
                return i * 0.01;
            }
            run(0.01);
        }
        throw new AssertionError("nobody took over");
    }

    @Test
    void aSwitchoverHoldsThePrimarysClientsEverywhereAndThoseOfTheOldPrimaryUntilItRunsAgain() {
        settle();
        run(1);
        long epoch = cluster.dcs().view().epoch();
        SimNode before = switchOver();
        List<String> whileDown = new ArrayList<>();
        world.afterEach(
                () -> {
                    cluster.checker().check();
                    if (!before.instance().isLocalRunning()
                            && !before.gateway().isHeld(HoldScope.LOCAL)) {
                        whileDown.add("not held at " + world.seconds());
                    }
                });

        assertThat(secondsUntilAnotherLeads(before)).isLessThan(1);
        settle();
        run(1);

        assertThat(whileDown).isEmpty();
        assertThat(before.gateway().story())
                .containsExactly(
                        "hold PRIMARY switchover " + epoch,
                        "hold LOCAL switchover " + Long.MAX_VALUE,
                        "release LOCAL switchover");
        for (SimNode node : cluster.nodes()) {
            assertThat(node.gateway().story()).startsWith("hold PRIMARY switchover " + epoch);
            assertThat(node.gateway().isHeld(HoldScope.PRIMARY)).isFalse();
            assertThat(node.gateway().isHeld(HoldScope.LOCAL)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(SimGateway.Mood.class)
    void noGatewayDelaysASwitchoverBeyondTheBudget(SimGateway.Mood mood) {
        settle();
        run(1);
        cluster.nodes().forEach(node -> node.gateway().mood(mood));

        assertThat(secondsUntilAnotherLeads(switchOver())).isLessThan(BUDGET_SECONDS + 1);
        settle();
    }

    @Test
    void theLeaseIsKeptWhileTransactionsEnd() {
        // A lease of 3 s, and gateways that use up all the time there is.
        world = new World(2);
        cluster =
                new SimCluster(
                        world, SimSetup.calm(SimSetup.config(3, "off", false, false)), Rules.REAL);
        settle();
        run(1);
        cluster.nodes().forEach(node -> node.gateway().mood(SimGateway.Mood.NEVER_DRAINED));
        SimNode before = switchOver();
        run(1.5);

        assertThat(primary()).isEqualTo(before);
        assertThat(Objects.requireNonNull(before.ha()).leaseState().held()).isTrue();
        assertThat(secondsUntilAnotherLeads(before)).isLessThan(BUDGET_SECONDS);
    }

    @Test
    void aRestartOfThePrimaryHoldsEverybodyAndLetsEverybodyGo() {
        settle();
        run(1);
        SimNode node = primary();
        Operations.RestartRequest request =
                new Operations.RestartRequest(false, "", "", null, null);
        List<@Nullable Object> results = new ArrayList<>();
        world.after(
                1,
                "test",
                () ->
                        Objects.requireNonNull(node.operations())
                                .restart(request)
                                .thenAccept(results::add));
        run(5);

        assertThat(results).hasSize(1);
        assertThat(primary()).isEqualTo(node);
        assertThat(node.gateway().story())
                .containsExactly(
                        "hold PRIMARY restart " + cluster.dcs().view().epoch(),
                        "hold LOCAL restart " + Long.MAX_VALUE,
                        "release LOCAL restart",
                        "release PRIMARY restart");
        for (SimNode other : cluster.nodes()) {
            assertThat(other.gateway().story()).contains("release PRIMARY restart");
        }
    }

    @Test
    void aNewAgentLetsGoWhomTheOneBeforeHeld() {
        settle();
        run(1);
        SimNode before = switchOver();
        for (int i = 0; i < 1000 && !before.gateway().isHeld(HoldScope.LOCAL); i++) {
            run(0.001);
        }
        before.killAgent();
        before.restartAgentIn(SECOND / 10);
        run(1);

        assertThat(before.gateway().isHeld(HoldScope.LOCAL)).isFalse();
        settle();
    }

    @Test
    void everyGatewayKnowsTheNewPrimaryWithinMilliseconds() {
        settle();
        run(1);
        SimNode before = switchOver();
        double[] accepts = {0};
        List<Double> delays = new ArrayList<>();
        List<MemberName> told = new ArrayList<>();
        world.afterEach(
                () -> {
                    SimNode now = cluster.primary();
                    if (now == null || now == before) {
                        return;
                    }
                    accepts[0] = accepts[0] == 0 ? world.seconds() : accepts[0];
                    for (SimNode node : cluster.nodes()) {
                        if (!told.contains(node.name())
                                && node.gateway().trusts(now.name(), node.clock().nanos())) {
                            told.add(node.name());
                            delays.add(world.seconds() - accepts[0]);
                        }
                    }
                });
        run(3);

        assertThat(told).hasSize(3);
        assertThat(delays).allSatisfy(delay -> assertThat(delay).isLessThan(0.1));
    }

    @Test
    void aGatewayNeverTrustsItsOwnMemberLongerThanTheLeaseLasts() {
        settle();
        run(1);
        SimNode node = primary();
        List<String> wrong = new ArrayList<>();
        world.afterEach(
                () -> {
                    if (node.gateway().trusts(node.name(), node.clock().nanos())
                            && !Objects.requireNonNull(node.ha())
                                    .leaseState()
                                    .isValid(node.clock().nanos())) {
                        wrong.add("at " + world.seconds());
                    }
                });
        cluster.network().cut(node.name().value(), SimDcs.HOST);
        run(20);

        assertThat(wrong).isEmpty();
        assertThat(cluster.primary()).isNotEqualTo(node);
    }
}
