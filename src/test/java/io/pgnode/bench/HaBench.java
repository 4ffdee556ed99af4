package io.pgnode.bench;

import io.pgnode.testing.ClusterUnderTest;
import io.pgnode.testing.PatroniCluster;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Runner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code make bench-ha}: what clients see of switchover and failover, beside Patroni on the same
 * machine where it is installed; of ours the native binary and the JVM runner, as far as they are
 * built. Options: {@code --runs=3}, {@code --only=switchover,crash,crash-now,node,kill,stop,idle},
 * {@code --no-peer}, {@code --no-ours}.
 */
public final class HaBench {
    private static final int NODES = 3;
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final double LEASE_SECONDS = 5;
    private static final int TRIES = 3;
    private static final long CYCLE_MILLIS = 2_000;
    private static final long PEER_CYCLE_MILLIS = 10_000;

    /** The rows of the table, and which setting of the peer each is compared with. */
    private enum Case {
        IDLE(PatroniCluster.Timing.DEFAULTS, 1, 1),
        SWITCHOVER(PatroniCluster.Timing.DEFAULTS, 5, 3),
        CRASH(PatroniCluster.Timing.DEFAULTS, 5, 3),
        KILL(PatroniCluster.Timing.DEFAULTS, 3, 2),
        STOP(PatroniCluster.Timing.DEFAULTS, 1, 1),
        CRASH_NOW(PatroniCluster.Timing.IMMEDIATE_FAILOVER, 0, 3),
        NODE(PatroniCluster.Timing.FASTEST, 3, 2);

        private final PatroniCluster.Timing peerTiming;
        private final int runs;
        private final int peerRuns;

        Case(PatroniCluster.Timing peerTiming, int runs, int peerRuns) {
            this.peerTiming = peerTiming;
            this.runs = runs;
            this.peerRuns = peerRuns;
        }

        String option() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** All runs of one case on one side. */
    private static final class Results {
        private final Samples gap = new Samples();
        private final Samples takeover = new Samples();
        private final Samples doubleWrites = new Samples();
        private final Samples rate = new Samples();
    }

    /** What is measured: the peer, or one build of ours. */
    private static final class Side {
        private final String name;
        private final @Nullable Path runner;
        private final Map<Case, Results> results = new EnumMap<>(Case.class);
        private @Nullable List<Footprint.Memory> memory;

        Side(String name, @Nullable Path runner) {
            this.name = name;
            this.runner = runner;
        }

        boolean isPeer() {
            return runner == null;
        }

        @Nullable Double value(Case one, Function<Results, @Nullable Double> value) {
            Results found = results.get(one);
            return found == null ? null : value.apply(found);
        }
    }

    private final List<Case> cases;
    private final Optional<Integer> runs;
    private final List<Side> ours = new ArrayList<>();
    private final Side peer = new Side("Patroni", null);

    private HaBench(List<Case> cases, Optional<Integer> runs) {
        this.cases = cases;
        this.runs = runs;
    }

    public static void main(String[] args) throws Exception {
        run(List.of(args));
    }

    /** Measures, prints the table and writes target/bench/ha.json. */
    static void run(List<String> options) throws Exception {
        var bench =
                new HaBench(
                        option(options, "--only")
                                .map(HaBench::casesOf)
                                .orElse(List.of(Case.values())),
                        option(options, "--runs").map(Integer::valueOf));
        if (!options.contains("--no-peer") && PatroniCluster.isInstalled()) {
            bench.measurePeer();
        }
        if (!options.contains("--no-ours")) {
            bench.measureOurs();
        }
        var report = new BenchReport(bench.measures());
        System.out.println(report.table());
        report.write(Path.of("target/bench/ha.json"));
    }

    private static Optional<String> option(List<String> options, String name) {
        return options.stream()
                .filter(o -> o.startsWith(name + "="))
                .map(o -> o.substring(name.length() + 1))
                .findFirst();
    }

    private static List<Case> casesOf(String names) {
        List<String> wanted = List.of(names.split(",", -1));
        return Arrays.stream(Case.values()).filter(c -> wanted.contains(c.option())).toList();
    }

    private void measurePeer() {
        for (var timing : PatroniCluster.Timing.values()) {
            List<Case> now = cases.stream().filter(c -> c.peerTiming == timing).toList();
            measure(now, peer, () -> new PatroniCluster(NODES, timing));
        }
    }

    private void measureOurs() {
        for (Path runner : Runner.built()) {
            Runner.use(runner);
            Side side = new Side(Runner.isNative(runner) ? "native" : "JVM", runner);
            ours.add(side);
            measure(
                    cases.stream().filter(c -> c.runs > 0).toList(),
                    side,
                    () -> new PgnodeCluster(NODES, "fast", PgnodeCluster.ASYNCHRONOUS));
        }
    }

    /**
     * Runs the cases one after the other on one cluster; a case that fails costs its cluster, not
     * the others.
     */
    private void measure(List<Case> now, Side side, Supplier<ClusterUnderTest> factory) {
        var left = new ArrayList<>(now);
        while (!left.isEmpty()) {
            try (ClusterUnderTest cluster = factory.get()) {
                cluster.start();
                while (!left.isEmpty()) {
                    measure(left.removeFirst(), side, cluster);
                }
            } catch (AssertionError | IllegalStateException e) {
                System.out.println("FAILED: " + e.getMessage());
                if (left.size() == now.size()) {
                    return;
                }
            }
        }
    }

    private void measure(Case one, Side side, ClusterUnderTest cluster) {
        boolean isPeer = side.isPeer();
        Results results = side.results.computeIfAbsent(one, _ -> new Results());
        int count = runs.filter(_ -> one != Case.IDLE).orElse(isPeer ? one.peerRuns : one.runs);
        for (int i = 0; i < count; i++) {
            if (one == Case.IDLE) {
                results.rate.add(HaCases.dcsWritesPerSecond(cluster, IDLE));
                side.memory = Footprint.memoryOf(cluster, 0);
                System.out.printf(
                        Locale.ROOT, "%s idle: %s DCS writes/s%n", side.name, results.rate);
            } else {
                HaCases.Outcome outcome =
                        undisturbed(one, isPeer, cluster, settle(i, count, isPeer));
                results.gap.add(outcome.gapSeconds());
                results.takeover.add(outcome.takeoverSeconds());
                results.doubleWrites.add(outcome.doubleWrites());
                System.out.printf(Locale.ROOT, "%s %s: %s%n", side.name, one.option(), outcome);
            }
        }
    }

    /** Spreads the faults of several runs over the cycle of the product. */
    private static Duration settle(int run, int runs, boolean isPeer) {
        long cycleMillis = isPeer ? PEER_CYCLE_MILLIS : CYCLE_MILLIS;
        return Duration.ofMillis(1_000 + cycleMillis * (2 * run + 1) / (2L * runs));
    }

    /** Repeats a run during which the machine stood still, a few times. */
    private static HaCases.Outcome undisturbed(
            Case one, boolean isPeer, ClusterUnderTest cluster, Duration settle) {
        HaCases.Outcome outcome = outcome(one, isPeer, cluster, settle);
        for (int i = 1; i < TRIES && outcome.isDisturbed(); i++) {
            System.out.printf(
                    Locale.ROOT,
                    "%s %s: repeated, machine stalled: %s%n",
                    cluster.product(),
                    one.option(),
                    outcome);
            outcome = outcome(one, isPeer, cluster, settle);
        }
        return outcome;
    }

    private static HaCases.Outcome outcome(
            Case one, boolean isPeer, ClusterUnderTest cluster, Duration settle) {
        return switch (one) {
            case SWITCHOVER -> HaCases.switchover(cluster, settle);
            case CRASH, CRASH_NOW -> HaCases.postmasterKilled(cluster, settle);
            case NODE -> HaCases.nodeLost(cluster, settle);
            case KILL -> HaCases.agentKilled(cluster, settle, isPeer);
            case STOP -> HaCases.agentStopped(cluster, settle);
            case IDLE -> throw new IllegalArgumentException("idle is no fault");
        };
    }

    private List<Measure> measures() throws Exception {
        var list = new ArrayList<Measure>();
        List<Side> sides = ours.isEmpty() ? List.of(new Side("", Path.of(""))) : ours;
        for (Side side : sides) {
            for (Case one : cases) {
                list.addAll(measuresOf(one, side));
            }
            if (cases.contains(Case.IDLE)) {
                list.addAll(Footprint.ofIdleNode(side.name, side.memory, peer.memory));
            }
        }
        if (cases.contains(Case.IDLE)) {
            for (Side side : ours) {
                list.addAll(Footprint.ofProgram(side.name, require(side.runner)));
            }
        }
        return list;
    }

    private static Path require(@Nullable Path runner) {
        if (runner == null) {
            throw new IllegalStateException("the peer has no runner of ours");
        }
        return runner;
    }

    /**
     * A dead agent is judged by the peer's time to the new primary: until then its old one writes
     * on, unfenced.
     */
    private List<Measure> measuresOf(Case one, Side side) {
        Double peerRate = peer.value(one, r -> r.rate.median());
        return switch (one) {
            case SWITCHOVER -> List.of(seconds("switchover, write gap", one, side, 1.0, 0.3));
            case CRASH ->
                    List.of(
                            seconds(
                                    "postmaster kill -9, until writes succeed again",
                                    one,
                                    side,
                                    1.5,
                                    0.5));
            case CRASH_NOW ->
                    List.of(
                            new Measure(
                                    label("postmaster kill -9, peer with immediate failover", side),
                                    "s",
                                    side.value(Case.CRASH, r -> r.gap.median()),
                                    peer.value(one, r -> r.gap.median()),
                                    1.5,
                                    0.5));
            case NODE ->
                    List.of(seconds("node lost, preset fast, peer's fastest", one, side, 7.0, 5.5));
            case KILL -> takeover("agent kill -9", one, side, 0);
            case STOP -> takeover("agent SIGSTOP 30 s", one, side, LEASE_SECONDS + 1.5);
            case IDLE ->
                    List.of(
                            new Measure(
                                    label("DCS writes of 3 idle nodes", side),
                                    "1/s",
                                    side.value(one, r -> r.rate.median()),
                                    peerRate,
                                    peerRate,
                                    0.1));
        };
    }

    private static String label(String measure, Side side) {
        return side.name.isEmpty() ? measure : side.name + ": " + measure;
    }

    private Measure seconds(String name, Case one, Side side, double must, double aim) {
        return new Measure(
                label(name, side),
                "s",
                side.value(one, r -> r.gap.median()),
                peer.value(one, r -> r.gap.median()),
                must,
                aim);
    }

    private List<Measure> takeover(String name, Case one, Side side, double must) {
        return List.of(
                new Measure(
                        label(name, side) + ", write gap; peer: until a new primary",
                        "s",
                        side.value(one, r -> r.gap.max()),
                        peer.value(one, r -> r.takeover.median()),
                        must,
                        must),
                new Measure(
                        label(name, side) + ", inserts on a second primary",
                        "rows",
                        side.value(one, r -> r.doubleWrites.max()),
                        peer.value(one, r -> r.doubleWrites.max()),
                        0.0,
                        0.0));
    }
}
