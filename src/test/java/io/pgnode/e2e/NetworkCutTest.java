package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Capabilities;
import io.pgnode.testing.Checker;
import io.pgnode.testing.NetworkLab;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Place;
import io.pgnode.testing.Runner;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteProbe;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The primary cut off from etcd, from its peers, from both, from everybody; each node in a network
 * namespace. The writers reach a cut-off node as before, which is when two primaries would show.
 */
@Tag("e2e")
@EnabledIf("canRun")
class NetworkCutTest extends ClusterScenarios {
    private @Nullable NetworkLab lab;

    static boolean canRun() {
        return Runner.isBuilt() && Capabilities.network();
    }

    @Override
    PgnodeCluster build() {
        if (lab != null) {
            lab.close();
        }
        lab = new NetworkLab();
        List<Place> places = List.of(lab.add(), lab.add(), lab.add());
        return new PgnodeCluster(places, lab.add(), "fast", PgnodeCluster.SYNCHRONOUS);
    }

    @AfterEach
    void heal() {
        lab().healAll();
    }

    @AfterAll
    void endLab() {
        endCluster();
        lab().close();
    }

    @Test
    void primaryWithoutEtcdIsFencedBeforeAnotherLeads() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            cutFromEtcd(old);

            awaitOtherPrimary(probe, old);
            Waiting.pause(2_000);
            lab().healAll();

            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void primaryWithoutPeersGoesOn() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();
            cutFromPeers(primary);

            Waiting.pause(2 * LEASE_MILLIS);
            probe.awaitAckAfter(System.nanoTime(), FAILOVER.multipliedBy(2));
            lab().healAll();

            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void primaryWithoutEtcdAndPeersIsFencedBeforeAnotherLeads() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            cutFromEtcd(old);
            cutFromPeers(old);

            awaitOtherPrimary(probe, old);
            Waiting.pause(2_000);
            lab().healAll();

            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void unpluggedPrimaryIsReplacedAndRejoins() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int old = primary();
            lab().unplug(cluster().place(old));

            awaitOtherPrimary(probe, old);
            Waiting.pause(LEASE_MILLIS);
            lab().healAll();

            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void cutOffStandbyCatchesUp() throws Exception {
        try (WriteProbe probe = startProbe()) {
            int primary = primary();
            int standby = standby();
            lab().unplug(cluster().place(standby));

            Waiting.pause(2 * LEASE_MILLIS);
            assertThat(primary()).isEqualTo(primary);
            lab().healAll();

            Checker.verify(cluster(), probe);
        }
    }

    @Test
    @Tag("soak")
    void failsafeModeKeepsThePrimaryWhileEtcdIsAway() throws Exception {
        cluster().patchConfig("{\"failsafe_mode\": true}");
        try (WriteProbe probe = startProbe()) {
            Waiting.pause(LEASE_MILLIS);
            int primary = primary();
            for (int node = 0; node < cluster().size(); node++) {
                cutFromEtcd(node);
            }

            Waiting.pause(3 * LEASE_MILLIS);
            assertThat(cluster().primary()).hasValue(primary);
            lab().healAll();

            Checker.verify(cluster(), probe);
        } finally {
            cluster().patchConfig("{\"failsafe_mode\": null}");
        }
    }

    private NetworkLab lab() {
        if (lab == null) {
            throw new IllegalStateException("no laboratory yet");
        }
        return lab;
    }

    private void cutFromEtcd(int node) {
        lab().cut(cluster().place(node), cluster().etcd().place());
    }

    private void cutFromPeers(int node) {
        for (int other = 0; other < cluster().size(); other++) {
            if (other != node) {
                lab().cut(cluster().place(node), cluster().place(other));
            }
        }
    }

    private void awaitOtherPrimary(WriteProbe probe, int old) {
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
                                .filter(ack -> ack.node() != old)
                                .isPresent());
    }
}
