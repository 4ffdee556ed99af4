package io.pgnode.e2e;

import io.pgnode.testing.Capabilities;
import io.pgnode.testing.Checker;
import io.pgnode.testing.NetworkLab;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Place;
import io.pgnode.testing.Runner;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteProbe;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * One random fault after the other, some while the last one still lasts; {@code -Dsoak.seed=N}
 * repeats the choice of faults, {@code -Dsoak.minutes=N} says how long (5).
 */
@Tag("e2e")
@Tag("soak")
@EnabledIf("canRun")
class RandomFaultsTest {
    private static final Duration WELL_AGAIN = Duration.ofMinutes(2);

    /** What is done to a node, for the time that the fault lasts. */
    private enum Fault {
        SWITCHOVER,
        KILL_POSTMASTER,
        KILL_AGENT,
        STOP_AGENT,
        KILL_SUPERVISOR,
        STOP_SUPERVISOR,
        KILL_NODE,
        STOP_NODE,
        CUT_FROM_ETCD,
        CUT_FROM_PEERS,
        UNPLUG,
        STOP_ETCD,
        RESTART_ETCD
    }

    static boolean canRun() {
        return Runner.isBuilt() && Capabilities.network();
    }

    @Test
    void nothingIsLostAndNeverTwoPrimaries() throws Exception {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        long end =
                System.nanoTime()
                        + Duration.ofMinutes(Integer.getInteger("soak.minutes", 5)).toNanos();
        System.out.println("soak.seed=" + seed);
        var random = new Random(seed);
        try (var lab = new NetworkLab();
                var cluster =
                        new PgnodeCluster(
                                List.of(lab.add(), lab.add(), lab.add()),
                                lab.add(),
                                "fast",
                                PgnodeCluster.SYNCHRONOUS)) {
            cluster.start();
            while (System.nanoTime() < end) {
                try (WriteProbe probe = WriteProbe.start(cluster)) {
                    int faults = 1 + random.nextInt(2);
                    for (int i = 0; i < faults; i++) {
                        var fault = Fault.values()[random.nextInt(Fault.values().length)];
                        int node =
                                random.nextBoolean()
                                        ? cluster.primary().orElse(0)
                                        : random.nextInt(cluster.size());
                        System.out.println("fault " + fault + " on " + cluster.memberName(node));
                        begin(cluster, lab, fault, node);
                        Waiting.pause(random.nextInt(12_000));
                    }
                    repair(cluster, lab);
                    Checker.verify(cluster, probe, WELL_AGAIN);
                }
            }
        }
    }

    private static void begin(PgnodeCluster cluster, NetworkLab lab, Fault fault, int node) {
        Place etcd = cluster.etcd().place();
        try {
            switch (fault) {
                case SWITCHOVER -> cluster.switchover(node, (node + 1) % cluster.size());
                case KILL_POSTMASTER -> cluster.killPostmaster(node);
                case KILL_AGENT -> cluster.signalAgent(node, Signal.KILL);
                case STOP_AGENT -> cluster.signalAgent(node, Signal.STOP);
                case KILL_SUPERVISOR -> cluster.signalSupervisor(node, Signal.KILL);
                case STOP_SUPERVISOR -> cluster.signalSupervisor(node, Signal.STOP);
                case KILL_NODE -> cluster.killNode(node);
                case STOP_NODE -> cluster.stopNode(node);
                case CUT_FROM_ETCD -> lab.cut(cluster.place(node), etcd);
                case CUT_FROM_PEERS ->
                        lab.cut(cluster.place(node), cluster.place((node + 1) % cluster.size()));
                case UNPLUG -> lab.unplug(cluster.place(node));
                case STOP_ETCD -> cluster.etcd().signal(Signal.STOP);
                case RESTART_ETCD -> {
                    cluster.etcd().signal(Signal.KILL);
                    cluster.etcd().start();
                }
            }
        } catch (AssertionError e) {
            System.out.println(
                    "fault without effect: "
                            + (e.getMessage() + "").lines().findFirst().orElse(""));
        }
    }

    private static void repair(PgnodeCluster cluster, NetworkLab lab) {
        lab.healAll();
        cluster.etcd().signal(Signal.CONT);
        for (int node = 0; node < cluster.size(); node++) {
            cluster.managementProcesses(node).forEach(process -> process.signal(Signal.CONT));
            OsProcess.postmasterOf(cluster.dataDir(node))
                    .ifPresent(process -> process.signal(Signal.CONT));
            if (cluster.supervisor(node).isEmpty()) {
                cluster.startNode(node);
            }
        }
    }
}
