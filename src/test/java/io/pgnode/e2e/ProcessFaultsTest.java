package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Ack;
import io.pgnode.testing.Checker;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Runner;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteHistory;
import io.pgnode.testing.WriteProbe;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Agent, supervisor, postmaster or the whole node killed or stopped, on real PostgreSQL and etcd.
 */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class ProcessFaultsTest extends ClusterScenarios {
    @Override
    PgnodeCluster build() {
        assertThat(Runner.command()).isNotEmpty();
        return new PgnodeCluster(3, "fast", PgnodeCluster.SYNCHRONOUS);
    }

    @Test
    void switchoverMovesThePrimaryAndLosesNothing() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            int next = syncStandby();
            long before = System.nanoTime();

            cluster().switchover(old, next);

            probe.awaitAckAfter(System.nanoTime(), FAILOVER);
            assertThat(primary()).isEqualTo(next);
            WriteHistory history = Checker.verify(cluster(), probe);
            assertGapBelow(history, before, Duration.ofSeconds(5));
        }
    }

    @Test
    void killedPostmasterIsReplacedSoon() throws Exception {
        try (WriteProbe probe = startProbe()) {
            long before = System.nanoTime();

            cluster().killPostmaster(primary());

            awaitWritesAgain(probe);
            WriteHistory history = Checker.verify(cluster(), probe);
            assertGapBelow(history, before, Duration.ofSeconds(10));
        }
    }

    @Test
    @Tag("soak")
    void killedPostmasterOfAStandbyIsRestarted() throws Exception {
        try (WriteProbe probe = startProbe()) {
            cluster().killPostmaster(standby());

            Checker.verify(cluster(), probe);
        }
    }

    @Test
    void killedAgentIsRestartedAndWritersDoNotNotice() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();
            long before = System.nanoTime();

            cluster().signalAgent(primary, Signal.KILL);

            Waiting.pause(LEASE_MILLIS + 2_000);
            assertThat(primary()).isEqualTo(primary);
            WriteHistory history = Checker.verify(cluster(), probe);
            assertGapBelow(history, before, Duration.ofSeconds(1));
        }
    }

    @Test
    void pausedPrimaryWithoutItsAgentKeepsTheOthersAwayAfterThePause() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();
            int timeline = probe.history().newestTimeline();
            long before = System.nanoTime();

            pauseAndAwaitSuspension(primary);
            // So that nobody starts the agent again.
            cluster().signalSupervisor(primary, Signal.STOP);
            cluster().signalAgent(primary, Signal.KILL);
            awaitKey("leader", false);
            pause(false);
            Waiting.pause(2 * LEASE_MILLIS);
            assertThat(primary()).isEqualTo(primary);
            assertThat(key("leader")).isEmpty();

            cluster().signalSupervisor(primary, Signal.CONT);
            awaitKey("leader", true);
            awaitKey("suspension", false);
            Waiting.pause(LEASE_MILLIS + 2_000);

            assertThat(primary()).isEqualTo(primary);
            WriteHistory history = Checker.verify(cluster(), probe);
            assertThat(history.newestTimeline()).as(cluster()::diagnostics).isEqualTo(timeline);
            assertGapBelow(history, before, Duration.ofSeconds(1));
        }
    }

    @Test
    void newAgentLetsAPausedPrimaryRun() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();
            long before = System.nanoTime();

            pauseAndAwaitSuspension(primary);
            cluster().signalAgent(primary, Signal.KILL);
            Waiting.pause(2 * LEASE_MILLIS);
            pause(false);
            awaitKey("suspension", false);

            assertThat(primary()).isEqualTo(primary);
            assertGapBelow(Checker.verify(cluster(), probe), before, Duration.ofSeconds(1));
        }
    }

    /** The key comes first; the guard gives up its deadline afterwards. */
    private void pauseAndAwaitSuspension(int primary) {
        int end = cluster().log(primary).length();
        pause(true);
        awaitKey("suspension", true);
        Waiting.until(
                HEALTHY,
                () -> "the guard has no deadline\n" + cluster().diagnostics(),
                () -> cluster().log(primary).indexOf("guard phase=IDLE", end) >= 0);
    }

    /** Past the members, some of which do not answer. */
    private void pause(boolean on) {
        String json = key("config").orElseThrow().replace("\"pause\":true,", "");
        cluster()
                .etcd()
                .put(
                        cluster().keyPrefix() + "config",
                        on ? "{\"pause\":true," + json.substring(1) : json);
    }

    private Optional<String> key(String name) {
        String prefix = name.equals("suspension") ? "pgnode/" : "";
        return cluster().etcd().get(cluster().keyPrefix() + prefix + name);
    }

    private void awaitKey(String name, boolean present) {
        Waiting.until(
                HEALTHY,
                () ->
                        "the key "
                                + name
                                + (present ? " is there" : " is gone")
                                + "\n"
                                + cluster().diagnostics(),
                () -> key(name).isPresent() == present);
    }

    @Test
    void stoppedAgentIsFencedBeforeAnotherLeads() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            long before = System.nanoTime();

            cluster().signalAgent(old, Signal.STOP);
            Ack first = awaitTakeover(probe, old);
            Waiting.pause(3_000);
            cluster().signalAgent(old, Signal.CONT);

            assertThat(first.node()).isNotEqualTo(old);
            WriteHistory history = Checker.verify(cluster(), probe);
            assertGapBelow(history, before, FAILOVER);
        }
    }

    @Test
    @Tag("soak")
    void killedSupervisorLeavesNoUnguardedPrimary() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();

            cluster().signalSupervisor(old, Signal.KILL);
            Waiting.pause(2_000);
            cluster().startNode(old);

            awaitWritesAgain(probe);
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void shortStallOfAgentAndSupervisorTogetherIsHarmless() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();

            cluster().signalSupervisor(old, Signal.STOP);
            cluster().signalAgent(old, Signal.STOP);
            Waiting.pause(1_000);
            cluster().signalAgent(old, Signal.CONT);
            cluster().signalSupervisor(old, Signal.CONT);

            awaitWritesAgain(probe);
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void stoppedSupervisorDoesNoHarm() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();

            cluster().signalSupervisor(primary, Signal.STOP);
            Waiting.pause(3 * LEASE_MILLIS);
            cluster().signalSupervisor(primary, Signal.CONT);

            awaitWritesAgain(probe);
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void stoppedPostmasterDoesNoHarm() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();

            cluster().signalPostmaster(primary, Signal.STOP);
            Waiting.pause(3 * LEASE_MILLIS);
            if (io.pgnode.testing.OsProcess.postmasterOf(cluster().dataDir(primary)).isPresent()) {
                cluster().signalPostmaster(primary, Signal.CONT);
            }

            awaitWritesAgain(probe);
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    void lostNodeIsReplacedAndRejoins() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            long before = System.nanoTime();

            cluster().killNode(old);
            Ack first = awaitTakeover(probe, old);
            cluster().startNode(old);

            assertThat(first.timeline()).isGreaterThan(1);
            WriteHistory history = Checker.verify(cluster(), probe);
            assertGapBelow(history, before, FAILOVER);
        }
    }

    @Test
    @Tag("soak")
    void orderlyStopOfThePrimaryHandsOver() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            long before = System.nanoTime();

            cluster().stopNode(old);
            awaitTakeover(probe, old);
            cluster().startNode(old);

            WriteHistory history = Checker.verify(cluster(), probe);
            assertGapBelow(history, before, FAILOVER);
        }
    }

    private Ack awaitTakeover(WriteProbe probe, int old) {
        long start = System.nanoTime();
        Waiting.until(
                FAILOVER.multipliedBy(2),
                () ->
                        "a primary other than "
                                + cluster().memberName(old)
                                + "\n"
                                + cluster().diagnostics(),
                () ->
                        probe.history()
                                .lastBefore(Long.MAX_VALUE)
                                .filter(ack -> ack.ackNanos() > start && ack.node() != old)
                                .isPresent());
        return probe.history().acks().getLast();
    }

    private void awaitWritesAgain(WriteProbe probe) {
        probe.awaitAckAfter(System.nanoTime() + 500_000_000L, FAILOVER.multipliedBy(2));
    }

    private static void assertGapBelow(WriteHistory history, long since, Duration limit) {
        long end = history.acks().getLast().ackNanos();
        assertThat(Duration.ofNanos(history.longestGapNanos(since, end))).isLessThan(limit);
    }
}
