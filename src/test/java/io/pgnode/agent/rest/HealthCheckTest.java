package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.SyncMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthCheckTest {
    /** Columns of the table below. {@code x} is 200, {@code .} is 503. */
    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/primary",
                    "/master",
                    "/read-write",
                    "/leader",
                    "/standby-leader",
                    "/standby_leader",
                    "/replica",
                    "/read-only",
                    "/sync",
                    "/synchronous",
                    "/async",
                    "/asynchronous",
                    "/quorum",
                    "/read-only-sync",
                    "/read-only-synchronous",
                    "/read-only-quorum",
                    "/health",
                    "/nonsense");

    private static Map<String, TestNode> nodes() {
        Map<String, TestNode> nodes = new LinkedHashMap<>();
        nodes.put("primary", TestNode.primary());
        nodes.put("replica", TestNode.replica());

        TestNode expired = TestNode.primary();
        expired.leaseRemainingNanos = -1;
        nodes.put("primary, lease deadline passed", expired);
        TestNode lost = TestNode.primary();
        lost.leaseHeld = false;
        nodes.put("primary, lease lost", lost);
        TestNode fencing = TestNode.primary();
        fencing.process = ProcessState.STOPPING;
        nodes.put("primary, being stopped", fencing);
        TestNode decided = TestNode.primary();
        decided.state = "stopping";
        nodes.put("primary, stop decided", decided);
        TestNode stopped = TestNode.primary();
        stopped.process = ProcessState.STOPPED;
        stopped.state = "stopped";
        stopped.leaseHeld = false;
        nodes.put("primary, stopped", stopped);
        TestNode promoting = TestNode.replica();
        promoting.leaseHeld = true;
        promoting.leader = TestNode.SELF;
        nodes.put("leader, still in recovery", promoting);
        TestNode silent = TestNode.primary();
        silent.answers = false;
        nodes.put("primary, does not answer", silent);

        TestNode sync = TestNode.replica();
        sync.syncMode = SyncMode.ON;
        sync.sync = Set.of(TestNode.SELF);
        nodes.put("sync standby", sync);
        TestNode quorum = TestNode.replica();
        quorum.syncMode = SyncMode.QUORUM;
        quorum.sync = Set.of(TestNode.SELF);
        nodes.put("quorum standby", quorum);
        TestNode syncStale = TestNode.replica();
        syncStale.syncMode = SyncMode.ON;
        syncStale.sync = Set.of(TestNode.SELF);
        syncStale.viewAgeNanos = Duration.ofSeconds(11).toNanos();
        nodes.put("sync standby, DCS lost", syncStale);
        TestNode never = TestNode.replica();
        never.viewAgeNanos = -1;
        nodes.put("replica, never saw the DCS", never);
        TestNode hidden = TestNode.replica();
        hidden.tags = Map.of("noloadbalance", "true");
        nodes.put("replica, noloadbalance", hidden);
        TestNode hiddenPrimary = TestNode.primary();
        hiddenPrimary.tags = Map.of("noloadbalance", "true");
        nodes.put("primary, noloadbalance", hiddenPrimary);
        TestNode starting = TestNode.replica();
        starting.process = ProcessState.STARTING;
        starting.state = "starting";
        nodes.put("replica, starting", starting);
        TestNode hung = TestNode.replica();
        hung.answers = false;
        nodes.put("replica, does not answer", hung);
        TestNode empty = TestNode.replica();
        empty.process = ProcessState.STOPPED;
        empty.data = DataState.EMPTY;
        empty.state = "creating replica";
        nodes.put("replica, being created", empty);

        TestNode pausedLost = TestNode.primary();
        pausedLost.pause = true;
        pausedLost.leaseRemainingNanos = -1;
        pausedLost.viewAgeNanos = Duration.ofSeconds(60).toNanos();
        nodes.put("paused primary, DCS lost", pausedLost);
        TestNode pausedExpired = TestNode.primary();
        pausedExpired.pause = true;
        pausedExpired.leaseRemainingNanos = -1;
        nodes.put("paused primary, lease lost, DCS there", pausedExpired);

        TestNode standbyLeader = TestNode.replica();
        standbyLeader.leaseHeld = true;
        standbyLeader.leader = TestNode.SELF;
        standbyLeader.config = "{\"standby_cluster\": {\"host\": \"10.1.0.1\"}}";
        nodes.put("standby leader", standbyLeader);
        TestNode wronglyPromoted = TestNode.primary();
        wronglyPromoted.config = "{\"standby_cluster\": {\"host\": \"10.1.0.1\"}}";
        nodes.put("primary in a standby cluster", wronglyPromoted);
        TestNode noStandby = TestNode.primary();
        noStandby.config = "{\"standby_cluster\": null}";
        nodes.put("primary, standby_cluster removed", noStandby);
        return nodes;
    }

    /** One row per node of {@link #nodes}, one column per path of {@link #PATHS}. */
    private static final Map<String, String> EXPECTED =
            Map.ofEntries(
                    // / pri mas rw | lead | stb stb | rep ro | syn syn asy asy quo | ros ros roq |
                    // health nonsense
                    Map.entry("primary", "xxxx x .. .x ..... xxx x."),
                    Map.entry("replica", ".... . .. xx ..xx. ... x."),
                    Map.entry("primary, lease deadline passed", ".... . .. .. ..... ... x."),
                    Map.entry("primary, lease lost", ".... . .. .. ..... ... x."),
                    Map.entry("primary, being stopped", ".... x .. .. ..... ... .."),
                    Map.entry("primary, stop decided", ".... x .. .. ..... ... .."),
                    Map.entry("primary, stopped", ".... . .. .. ..... ... .."),
                    Map.entry("leader, still in recovery", ".... x .. xx ..xx. ... x."),
                    Map.entry("primary, does not answer", "xxxx x .. .x ..... xxx .."),
                    Map.entry("sync standby", ".... . .. xx xx... xx. x."),
                    Map.entry("quorum standby", ".... . .. xx ....x ..x x."),
                    Map.entry("sync standby, DCS lost", ".... . .. xx ..... ... x."),
                    Map.entry("replica, never saw the DCS", ".... . .. xx ..... ... x."),
                    Map.entry("replica, noloadbalance", ".... . .. .. ..... ... x."),
                    Map.entry("primary, noloadbalance", "xxxx x .. .x ..... xxx x."),
                    Map.entry("replica, starting", ".... . .. .. ..... ... .."),
                    Map.entry("replica, does not answer", ".... . .. .. ..... ... .."),
                    Map.entry("replica, being created", ".... . .. .. ..... ... .."),
                    Map.entry("paused primary, DCS lost", "xxxx x .. .x ..... xxx x."),
                    Map.entry("paused primary, lease lost, DCS there", ".... . .. .. ..... ... x."),
                    Map.entry("standby leader", ".... x xx .x ..... xxx x."),
                    Map.entry("primary in a standby cluster", ".... x .. .. ..... ... x."),
                    Map.entry("primary, standby_cluster removed", "xxxx x .. .x ..... xxx x."));

    @TestFactory
    List<DynamicTest> everyPathOfEveryNode() {
        List<DynamicTest> tests = new ArrayList<>();
        nodes().forEach(
                        (name, node) ->
                                tests.add(
                                        DynamicTest.dynamicTest(
                                                name,
                                                () ->
                                                        assertThat(row(node))
                                                                .isEqualTo(expected(name)))));
        assertThat(nodes().keySet()).containsExactlyInAnyOrderElementsOf(EXPECTED.keySet());
        return tests;
    }

    private static String expected(String name) {
        return EXPECTED.getOrDefault(name, "").replace(" ", "");
    }

    private static String row(TestNode node) {
        StringBuilder row = new StringBuilder();
        for (String path : PATHS) {
            row.append(status(path, node) == 200 ? 'x' : '.');
        }
        return row.toString();
    }

    private static int status(String uri, TestNode node) {
        return HealthCheck.status(Target.parse(uri), node.status());
    }

    @ParameterizedTest
    @CsvSource({
        "/replica?lag=1MB, 200",
        "/replica?lag=1048576, 200",
        "/replica?lag=1048575, 503",
        "/replica?lag=16kB, 503",
        "/replica?lag=0, 503",
        "/replica?lag=, 200",
        "/replica?lag=bad, 200",
        "/replica?lag=-1, 503",
        "/read-only?lag=16kB, 503",
        "/async?lag=16kB, 503",
        "/async?lag=1MB, 200",
        "/replica?replication_state=streaming, 200",
        "/replica?replication_state=in+archive+recovery, 503",
        "/replica?tag_zone=a, 200",
        "/replica?tag_zone=b, 503",
        "/replica?tag_other=a, 503",
        "/replica?tag_zone=a&tag_clonefrom=true&lag=1MB, 200",
        "/replica?tag_clonefrom=True, 503",
        "/replica?tag_nofailover=false, 503",
        "/health?tag_zone=b, 503",
        "/replica?tag_zone=%61, 200",
        "/replica?tag_zone=%zz, 503",
        "/replicas/x?y, 200",
        "http://pg-test-1:8008/replica?lag=1MB, 200",
        "/replica#primary, 200",
        "/healthz, 200",
        "/read-only-sync, 503",
        "/read-only-foo, 200",
        "/Replica, 503",
        "'', 503",
        "*, 503",
    })
    void filtersReplicas(String uri, int expected) {
        TestNode node = TestNode.replica();
        node.replayed = 0x3000060;
        node.received = node.replayed + (1 << 20);
        node.optime = 0x3000000;
        node.otherLsn = 0;
        node.tags = Map.of("zone", "a", "clonefrom", "true", "nofailover", "false");
        assertThat(status(uri, node)).isEqualTo(expected);
    }

    @Test
    void measuresLagAgainstTheFurthestKnownPosition() {
        TestNode byStatus = TestNode.replica();
        byStatus.optime = byStatus.replayed + 100;
        assertThat(status("/replica?lag=99", byStatus)).isEqualTo(503);
        assertThat(status("/replica?lag=100", byStatus)).isEqualTo(200);
        TestNode byMember = TestNode.replica();
        byMember.otherLsn = byMember.replayed + 100;
        assertThat(status("/replica?lag=99", byMember)).isEqualTo(503);
        TestNode byReceiver = TestNode.replica();
        byReceiver.received = byReceiver.replayed + 100;
        assertThat(status("/replica?lag=99", byReceiver)).isEqualTo(503);
    }

    @Test
    void ignoresTagsForLeaders() {
        for (String path : List.of("/", "/primary", "/leader", "/read-write")) {
            assertThat(status(path + "?tag_zone=x", TestNode.primary())).isEqualTo(200);
        }
        assertThat(status("/read-only?tag_zone=x", TestNode.primary())).isEqualTo(503);
    }

    @Test
    void knowsAStandbyThatReadsFromTheArchive() {
        TestNode node = TestNode.replica();
        node.streaming = false;
        assertThat(status("/replica?replication_state=streaming", node)).isEqualTo(503);
        assertThat(status("/replica?replication_state=in%20archive%20recovery", node))
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "primary, 9, false, 200",
        "primary, 11, false, 503",
        "primary, 11, true, 200",
        "primary, -1, false, 503",
        "replica, 19, false, 200",
        "replica, 21, false, 503",
        "replica, 21, true, 200",
    })
    void livenessNeedsACycleWithinTheLease(String role, int age, boolean pause, int expected) {
        TestNode node = role.equals("primary") ? TestNode.primary() : TestNode.replica();
        node.loopAgeNanos = age < 0 ? -1 : Duration.ofSeconds(age).toNanos();
        node.pause = pause;
        assertThat(HealthCheck.liveness(node.status())).isEqualTo(expected);
    }

    @Test
    void readinessFollowsLag() {
        assertThat(ready("/readiness", TestNode.primary())).isEqualTo(200);
        assertThat(ready("/readiness", TestNode.replica())).isEqualTo(200);
        TestNode node = TestNode.replica();
        node.received = node.replayed + (1 << 20) + 1; // more than maximum_lag_on_failover
        assertThat(ready("/readiness", node)).isEqualTo(503);
        assertThat(ready("/readiness?mode=write", node)).isEqualTo(200);
        assertThat(ready("/readiness?lag=2MB", node)).isEqualTo(200);
        assertThat(ready("/readiness?lag=2MB&mode=apply", node)).isEqualTo(200);
        TestNode archive = TestNode.replica();
        archive.streaming = false;
        assertThat(ready("/readiness", archive)).isEqualTo(503);
    }

    @Test
    void readinessWithoutTheDcsNeedsFailsafe() {
        TestNode node = TestNode.replica();
        node.viewAgeNanos = Duration.ofSeconds(11).toNanos();
        assertThat(ready("/readiness", node)).isEqualTo(503);
        node.failsafeActive = true;
        assertThat(ready("/readiness", node)).isEqualTo(200);
    }

    private static int ready(String uri, TestNode node) {
        return HealthCheck.readiness(Target.parse(uri), node.status());
    }
}
