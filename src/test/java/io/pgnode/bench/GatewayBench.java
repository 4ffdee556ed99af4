package io.pgnode.bench;

import io.pgnode.gateway.pooler.HeapPerQuery;
import io.pgnode.testing.Runner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * {@code make bench-gateway}: our pooler beside PgBouncer, and beside HAProxy before PgBouncer; of
 * ours the native binary and the JVM runner, as far as they are built. Each figure is the median of
 * several runs, taken in turns, so that a slow moment of the machine hits all. Options: {@code
 * --runs=7}, {@code --seconds=3} of a run, {@code --switchovers=10}, {@code --restarts=5}, {@code
 * --only=heap,queries,fairness,bulk,tcp,connect,idle,holds}.
 */
final class GatewayBench {
    private static final int RUNS = 7;
    private static final int SECONDS = 3;
    private static final int SWITCHOVERS = 10;
    private static final int RESTARTS = 5;
    private static final int HEAP_MUST_BYTES = 64;

    /** What can be measured alone. */
    private enum Part {
        HEAP,
        QUERIES,
        FAIRNESS,
        BULK,
        TCP,
        CONNECT,
        IDLE,
        HOLDS;

        static final Set<Part> OF_PROXIES = EnumSet.of(QUERIES, FAIRNESS, BULK, TCP, CONNECT, IDLE);

        String option() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private interface Work {
        List<Measure> run() throws Exception;
    }

    private final List<String> options;
    private final Set<Part> parts;
    private final List<Measure> measures = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    private GatewayBench(List<String> options) {
        this.options = List.copyOf(options);
        this.parts = EnumSet.allOf(Part.class);
        option("--only")
                .map(names -> Arrays.asList(names.split(",", -1)))
                .ifPresent(names -> parts.removeIf(part -> !names.contains(part.option())));
    }

    /**
     * Measures, prints the table and writes target/bench/gateway.json.
     *
     * @throws AssertionError after that, when something could not be measured
     */
    static void run(List<String> options) throws Exception {
        var bench = new GatewayBench(options);
        bench.measure();
        var report = new BenchReport(bench.measures);
        System.out.println(report.table());
        report.write(Path.of("target/bench/gateway.json"));
        if (!bench.failures.isEmpty()) {
            throw new AssertionError("not measured: " + bench.failures);
        }
    }

    private Optional<String> option(String name) {
        return options.stream()
                .filter(o -> o.startsWith(name + "="))
                .map(o -> o.substring(name.length() + 1))
                .findFirst();
    }

    private int option(String name, int otherwise) {
        return option(name).map(Integer::valueOf).orElse(otherwise);
    }

    private void measure() throws Exception {
        part(Part.HEAP, "heap", GatewayBench::heap);
        if (parts.stream().anyMatch(Part.OF_PROXIES::contains)) {
            try (GatewayRig rig = new GatewayRig()) {
                measureProxies(rig);
            }
        }
        for (Path runner : Runner.built()) {
            part(Part.HOLDS, GatewayRig.nameOf(runner) + ": holds", () -> holds(runner));
        }
    }

    private void measureProxies(GatewayRig rig) throws IOException, InterruptedException {
        var cases =
                new ProxyCases(
                        rig, Runner.built(), option("--runs", RUNS), option("--seconds", SECONDS));
        cases.warmUp();
        part(Part.QUERIES, "queries", cases::queries);
        part(Part.FAIRNESS, "fairness", cases::fairness);
        part(Part.BULK, "bulk", cases::bulk);
        part(Part.TCP, "tcp", cases::tcp);
        part(Part.CONNECT, "connections", cases::reconnect);
        part(Part.IDLE, "idle clients", cases::idle);
    }

    /** What cannot be measured costs its own rows, not the others. */
    private void part(Part part, String name, Work work) {
        if (!parts.contains(part)) {
            return;
        }
        try {
            for (Measure measure : work.run()) {
                measures.add(measure);
                System.out.println(measure);
            }
        } catch (Exception | AssertionError e) {
            System.out.println("FAILED: " + name + ": " + e);
            failures.add(name + ": " + e.getMessage());
        }
    }

    private static List<Measure> heap() throws Exception {
        List<Measure> found = new ArrayList<>();
        for (String mode : List.of("simple", "prepared")) {
            found.add(
                    Measure.oursAtMost(
                            "heap allocated per query, " + mode,
                            "bytes",
                            HeapPerQuery.bytes(mode),
                            null,
                            HEAP_MUST_BYTES,
                            0));
        }
        return found;
    }

    private List<Measure> holds(Path runner) throws Exception {
        Runner.use(runner);
        try (HoldCases cases = new HoldCases()) {
            List<Measure> found = new ArrayList<>();
            int switchovers = option("--switchovers", SWITCHOVERS);
            HoldCases.Outcome moved = cases.switchovers(switchovers);
            String what =
                    GatewayRig.nameOf(runner)
                            + ": planned switchover, 64 clients, worst of "
                            + switchovers;
            found.add(errors(what + ", client errors", moved.errors() + moved.broken(), moved));
            found.add(stall(what + ", longest stall", moved, 2.0, 0.5));
            int restarts = option("--restarts", RESTARTS);
            HoldCases.Outcome restarted = cases.restarts(restarts);
            what =
                    GatewayRig.nameOf(runner)
                            + ": PostgreSQL restart, 64 clients, worst of "
                            + restarts;
            found.add(
                    errors(what + ", errors outside transactions", restarted.errors(), restarted));
            found.add(stall(what + ", longest stall", restarted, 1.0, 0.4));
            return found;
        }
    }

    private static Measure errors(String what, int count, HoldCases.Outcome seen) {
        System.out.println(what + ": " + seen);
        return Measure.oursAtMost(what, "", (double) count, null, 0, 0);
    }

    private static Measure stall(String what, HoldCases.Outcome seen, double must, double aim) {
        return Measure.oursAtMost(what, "s", seen.stalls().max(), null, must, aim);
    }
}
