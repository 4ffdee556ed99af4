package io.pgnode.bench;

import io.pgnode.testing.Ack;
import io.pgnode.testing.ClusterUnderTest;
import io.pgnode.testing.Signal;
import io.pgnode.testing.StallWatch;
import io.pgnode.testing.Waiting;
import io.pgnode.testing.WriteHistory;
import io.pgnode.testing.WriteProbe;
import java.time.Duration;

/**
 * The faults, each from a healthy cluster to a healthy cluster, with a writer on every node. Times
 * are what those clients see.
 */
final class HaCases {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration HEALTHY = Duration.ofMinutes(3);

    /** An outage begins within this time after its fault, or there is none. */
    private static final long ONSET_NANOS = 500_000_000L;

    /** The smallest gap that counts: five inserts late is a busy machine, not an outage. */
    private static final double NO_GAP_SECONDS = 0.1;

    private static final double LONGEST_STALL_SECONDS = 0.3;

    /**
     * What a case showed.
     *
     * @param gapSeconds longest time without any acknowledged insert on any node
     * @param takeoverSeconds from the fault to the first insert on another primary; the gap where
     *     none took over
     * @param doubleWrites inserts that the old primary acknowledged after a new one did
     * @param stallSeconds longest time for which this JVM got no processor, or a durable write of
     *     one byte took
     */
    record Outcome(
            double gapSeconds, double takeoverSeconds, int doubleWrites, double stallSeconds) {
        /** Whether the machine stood still meanwhile, so that the times say nothing. */
        boolean isDisturbed() {
            return stallSeconds > LONGEST_STALL_SECONDS;
        }

        /** For a fault that the server must not notice: a gap that the machine explains is none. */
        Outcome withoutStall() {
            return gapSeconds <= stallSeconds + NO_GAP_SECONDS
                    ? new Outcome(0, takeoverSeconds, doubleWrites, stallSeconds)
                    : this;
        }
    }

    private HaCases() {}

    static Outcome switchover(ClusterUnderTest cluster, Duration settle) {
        return observe(
                cluster,
                settle,
                (probe, primary, fault) -> {
                    cluster.switchover(primary, (primary + 1) % cluster.size());
                    awaitNextTimeline(probe, primary, fault);
                });
    }

    static Outcome postmasterKilled(ClusterUnderTest cluster, Duration settle) {
        return observe(
                cluster,
                settle,
                (probe, primary, fault) -> {
                    cluster.killPostmaster(primary);
                    probe.awaitAckAfter(fault + ONSET_NANOS, LIMIT);
                });
    }

    static Outcome nodeLost(ClusterUnderTest cluster, Duration settle) {
        return observe(
                cluster,
                settle,
                (probe, primary, fault) -> {
                    cluster.killNode(primary);
                    probe.awaitAckAfter(fault + ONSET_NANOS, LIMIT);
                    cluster.startNode(primary);
                });
    }

    /**
     * Watches until another primary is there, which a peer needs, but at least as long as ours
     * could fail.
     */
    static Outcome agentKilled(ClusterUnderTest cluster, Duration settle, boolean peer) {
        return observe(
                        cluster,
                        settle,
                        (probe, primary, fault) -> {
                            cluster.signalAgent(primary, Signal.KILL);
                            if (peer) {
                                awaitNextTimeline(probe, primary, fault);
                                Waiting.pause(5_000);
                                cluster.startNode(primary);
                            } else {
                                Waiting.pause(10_000);
                            }
                        })
                .withoutStall();
    }

    static Outcome agentStopped(ClusterUnderTest cluster, Duration settle) {
        return observe(
                cluster,
                settle,
                (probe, primary, fault) -> {
                    cluster.signalAgent(primary, Signal.STOP);
                    Waiting.pause(30_000);
                    cluster.signalAgent(primary, Signal.CONT);
                    probe.awaitAckAfter(System.nanoTime(), LIMIT);
                });
    }

    /** Changes of keys per second while nobody writes; renewing leases changes no key. */
    static double dcsWritesPerSecond(ClusterUnderTest cluster, Duration watched) {
        cluster.awaitHealthy(HEALTHY);
        long before = cluster.etcd().revision();
        Waiting.pause(watched.toMillis());
        return (cluster.etcd().revision() - before) / (double) watched.toSeconds();
    }

    private interface Fault {
        void run(WriteProbe probe, int primary, long faultNanos) throws Exception;
    }

    private static Outcome observe(ClusterUnderTest cluster, Duration settle, Fault fault) {
        cluster.awaitHealthy(HEALTHY);
        try (WriteProbe probe = WriteProbe.start(cluster);
                StallWatch stall = StallWatch.start()) {
            Waiting.pause(settle.toMillis());
            int primary = cluster.primary().orElseThrow();
            long start = System.nanoTime();
            fault.run(probe, primary, start);
            WriteHistory seen = probe.history();
            long end = seen.acks().getLast().ackNanos();
            double gap = seconds(seen.longestGapNanos(start, end));
            double takeover =
                    seen.acks().stream()
                            .filter(ack -> ack.ackNanos() > start && ack.node() != primary)
                            .findFirst()
                            .map(ack -> seconds(ack.ackNanos() - start))
                            .orElse(gap);
            double stalled = seconds(stall.longest().toNanos());
            cluster.awaitHealthy(HEALTHY);
            return new Outcome(
                    gap < NO_GAP_SECONDS ? 0 : gap,
                    takeover,
                    probe.stop().doubleWrites().size(),
                    stalled);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitNextTimeline(WriteProbe probe, int old, long fault) {
        Waiting.until(
                LIMIT,
                () -> "another primary",
                () -> probe.history().acks().stream().anyMatch(ack -> isTakeover(ack, old, fault)));
    }

    private static boolean isTakeover(Ack ack, int old, long fault) {
        return ack.ackNanos() > fault && ack.node() != old;
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
