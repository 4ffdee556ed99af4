package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Checker;
import io.pgnode.testing.Http;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteHistory;
import io.pgnode.testing.WriteProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** etcd killed, stopped, gone at start, and full of nonsense. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class DcsFaultsTest extends ClusterScenarios {
    @Override
    PgnodeCluster build() {
        return new PgnodeCluster(3, "fast", PgnodeCluster.SYNCHRONOUS);
    }

    @Test
    @Tag("soak")
    void shortRestartOfEtcdCostsNoFailover() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();
            int timeline = probe.history().newestTimeline();

            cluster().etcd().signal(Signal.KILL);
            Waiting.pause(1_000);
            cluster().etcd().start();
            Waiting.pause(LEASE_MILLIS);

            WriteHistory history = Checker.verify(cluster(), probe);
            assertThat(primary()).isEqualTo(primary);
            assertThat(history.newestTimeline()).isEqualTo(timeline);
        }
    }

    @Test
    void frozenEtcdFencesThePrimaryAtTheLeaseAndServiceReturnsWithIt() throws Exception {
        try (WriteProbe probe = startProbe()) {
            cluster().etcd().signal(Signal.STOP);
            Waiting.until(
                    Duration.ofMillis(LEASE_MILLIS + 2_000),
                    () -> "no primary without etcd\n" + cluster().diagnostics(),
                    () -> cluster().primary().isEmpty());
            Waiting.pause(2_000);
            assertThat(cluster().primary()).isEmpty();

            cluster().etcd().signal(Signal.CONT);

            probe.awaitAckAfter(System.nanoTime(), FAILOVER.multipliedBy(2));
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void standbyStartsReadOnlyWithoutEtcd() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int standby = standby();
            cluster().stopNode(standby);
            cluster().etcd().signal(Signal.KILL);

            cluster().startNode(standby);

            Waiting.until(
                    Duration.ofSeconds(30),
                    () ->
                            "reads from "
                                    + cluster().memberName(standby)
                                    + "\n"
                                    + cluster().diagnostics(),
                    () -> answersReads(standby));
            cluster().etcd().start();
            probe.awaitAckAfter(System.nanoTime(), FAILOVER.multipliedBy(2));
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    void nonsenseUnderOurKeysStopsNobody() throws Exception {
        try (WriteProbe probe = startProbe()) {
            Map<String, Optional<String>> before = new LinkedHashMap<>();
            for (String key :
                    new String[] {
                        "config",
                        "status",
                        "sync",
                        "history",
                        "failover",
                        "failsafe",
                        "members/it-9",
                        "pgnode/epoch",
                        "pgnode/handoff",
                        "pgnode/unknown"
                    }) {
                before.put(key, cluster().etcd().get(cluster().keyPrefix() + key));
                cluster().etcd().put(cluster().keyPrefix() + key, "\u0000{[nonsense");
            }

            Waiting.pause(2 * LEASE_MILLIS);

            assertThat(cluster().agent(0)).isPresent();
            before.forEach(
                    (key, value) ->
                            value.ifPresentOrElse(
                                    text -> cluster().etcd().put(cluster().keyPrefix() + key, text),
                                    () -> cluster().etcd().delete(cluster().keyPrefix() + key)));
            probe.awaitAckAfter(System.nanoTime(), FAILOVER.multipliedBy(2));
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    void lostConfigurationIsWrittenAgainAsItWas() throws Exception {
        String key = cluster().keyPrefix() + "config";
        cluster().patchConfig("{\"maximum_lag_on_failover\": 123456}");
        Waiting.until(
                HEALTHY,
                () -> "the new configuration is kept beside the data",
                () -> keptBy(primary()).contains("123456"));

        cluster().etcd().delete(key);

        Waiting.until(
                HEALTHY,
                () -> "the config key is back: " + cluster().etcd().get(key),
                () -> cluster().etcd().get(key).orElse("").contains("123456"));
        for (int node = 0; node < cluster().size(); node++) {
            String config = cluster().api(node) + "/config";
            Waiting.until(
                    HEALTHY,
                    () -> "the member has heard of it: " + Http.get(config),
                    () -> Http.get(config).body().contains("123456"));
        }
        cluster().patchConfig("{\"maximum_lag_on_failover\": null}");
    }

    private String keptBy(int node) {
        try {
            return Files.readString(cluster().dataDir(node).resolve("patroni.dynamic.json"));
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    @Tag("soak")
    void deletedLeaderKeyNeverMeansTwoPrimaries() throws Exception {
        try (WriteProbe probe = startProbe()) {
            cluster().etcd().delete(cluster().keyPrefix() + "leader");

            Waiting.pause(LEASE_MILLIS);
            probe.awaitAckAfter(System.nanoTime(), FAILOVER.multipliedBy(2));
            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void longRestartOfEtcdEndsWell() throws Exception {
        try (WriteProbe probe = startProbe()) {
            cluster().etcd().signal(Signal.KILL);
            Waiting.pause(3 * LEASE_MILLIS);
            cluster().etcd().start();

            probe.awaitAckAfter(System.nanoTime(), FAILOVER.multipliedBy(2));
            Checker.verify(cluster(), probe);
        }
    }

    private boolean answersReads(int node) {
        try (var connection = cluster().connect(node);
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "select count(*), pg_is_in_recovery() from ha_probe")) {
            return rows.next() && rows.getBoolean(2);
        } catch (SQLException e) {
            return false;
        }
    }
}
