package io.pgnode.bench;

import io.pgnode.gateway.pooler.HeapPerQuery;
import io.pgnode.testing.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code make bench-gateway}: our pooler beside PgBouncer, and beside HAProxy before PgBouncer.
 * Each figure is the median of several runs, taken in turns, so that a slow moment of the machine
 * hits all. Options: {@code --runs=3}, {@code --seconds=5}.
 */
final class GatewayBench {
    private static final List<String> MODES = List.of("simple", "prepared");
    private static final List<Integer> CLIENTS = List.of(1, 16, 64);
    private static final int BULK_BYTES = 8_000_000;
    private static final int IDLE_CLIENTS = 20_000;

    private final int runs;
    private final int seconds;
    private final List<Measure> measures = new ArrayList<>();

    private GatewayBench(int runs, int seconds) {
        this.runs = runs;
        this.seconds = seconds;
    }

    static void run(List<String> options) throws IOException, InterruptedException {
        var bench = new GatewayBench(option(options, "--runs", 3), option(options, "--seconds", 5));
        bench.heap();
        for (Path runner : Runner.built()) {
            try (GatewayRig rig = new GatewayRig()) {
                bench.measure(rig, runner);
            }
        }
        var report = new BenchReport(bench.measures);
        System.out.println(report.table());
        report.write(Path.of("target/bench/gateway.json"));
    }

    private static int option(List<String> options, String name, int otherwise) {
        return options.stream()
                .filter(o -> o.startsWith(name + "="))
                .map(o -> Integer.parseInt(o.substring(name.length() + 1)))
                .findFirst()
                .orElse(otherwise);
    }

    private void measure(GatewayRig rig, Path runner) throws IOException, InterruptedException {
        GatewayRig.Way direct = rig.startServer();
        GatewayRig.Way pgbouncer = rig.startPgbouncer("transaction");
        GatewayRig.Way chain = rig.startHaproxy(pgbouncer);
        GatewayRig.Way sessions = rig.startPgbouncer("session");
        GatewayRig.Way sessionsChain = rig.startHaproxy(sessions);
        GatewayRig.Way ours = rig.startOurs(runner);
        warmUp(ours);
        for (String mode : MODES) {
            for (int clients : CLIENTS) {
                boolean simple = mode.equals("simple");
                queries(
                        ours,
                        simple ? pgbouncer : sessions,
                        simple ? chain : sessionsChain,
                        direct,
                        mode,
                        clients);
            }
        }
        fairness(ours, pgbouncer);
        bulk(ours, pgbouncer);
        reconnect(ours, pgbouncer);
        idle(rig.startOurs(runner), rig.startPgbouncer("transaction"));
    }

    private void warmUp(GatewayRig.Way ours) throws IOException, InterruptedException {
        for (String mode : MODES) {
            var _ =
                    PgbenchRun.of(
                            ours.port(),
                            List.of(),
                            List.of("-S", "-c", "16", "-T", "8", "-M", mode));
        }
    }

    private void queries(
            GatewayRig.Way ours,
            GatewayRig.Way pgbouncer,
            GatewayRig.Way chain,
            GatewayRig.Way direct,
            String mode,
            int clients)
            throws IOException, InterruptedException {
        List<PgbenchRun> mine = new ArrayList<>();
        List<PgbenchRun> alone = new ArrayList<>();
        List<PgbenchRun> both = new ArrayList<>();
        List<PgbenchRun> none = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            mine.add(select(ours, mode, clients));
            none.add(select(direct, mode, clients));
            alone.add(select(pgbouncer, mode, clients));
            both.add(select(chain, mode, clients));
        }
        String what = ours.name() + ": " + mode + ", c=" + clients;
        add(
                Measure.ratioAtMost(
                        what + ", CPU per query, peer: HAProxy + PgBouncer",
                        "us",
                        median(mine, PgbenchRun::cpuMicros),
                        median(both, PgbenchRun::cpuMicros),
                        0.65,
                        0.5));
        add(
                Measure.ratioAtMost(
                        what + ", CPU per query, peer: PgBouncer",
                        "us",
                        median(mine, PgbenchRun::cpuMicros),
                        median(alone, PgbenchRun::cpuMicros),
                        1.2,
                        1.0));
        if (clients == 1) {
            double floor = value(median(none, PgbenchRun::latencyMillis));
            add(
                    Measure.ratioAtMost(
                            what + ", added latency, peer: HAProxy + PgBouncer",
                            "ms",
                            less(median(mine, PgbenchRun::latencyMillis), floor),
                            less(median(both, PgbenchRun::latencyMillis), floor),
                            0.6,
                            0.5));
        }
        if (clients == 64) {
            add(
                    Measure.ratioAtLeast(
                            what + ", throughput, peer: PgBouncer",
                            "tps",
                            median(mine, PgbenchRun::perSecond),
                            median(alone, PgbenchRun::perSecond),
                            1.0,
                            1.5));
        }
    }

    private PgbenchRun select(GatewayRig.Way way, String mode, int clients)
            throws IOException, InterruptedException {
        return PgbenchRun.of(
                way.port(),
                way.processes(),
                List.of("-S", "-M", mode, "-c", "" + clients, "-T", "" + seconds));
    }

    /** 400 clients on 20 servers: how much longer than usual the unlucky wait. */
    private void fairness(GatewayRig.Way ours, GatewayRig.Way pgbouncer)
            throws IOException, InterruptedException {
        add(
                Measure.oursAtMost(
                        ours.name() + ": p99/p50, 400 clients on 20 servers, peer: PgBouncer",
                        "",
                        spread(ours),
                        spread(pgbouncer),
                        3,
                        2));
    }

    private double spread(GatewayRig.Way way) throws IOException, InterruptedException {
        List<Long> sorted = PgbenchRun.latencies(way.port(), 400, seconds);
        return (double) sorted.get(sorted.size() * 99 / 100) / sorted.get(sorted.size() / 2);
    }

    private void bulk(GatewayRig.Way ours, GatewayRig.Way pgbouncer)
            throws IOException, InterruptedException {
        Path script = Files.createTempFile("bulk", ".sql");
        try {
            Files.writeString(script, "SELECT repeat('x', " + BULK_BYTES + ");\n");
            List<String> options = List.of("-f", script.toString(), "-c", "1", "-T", "" + seconds);
            List<PgbenchRun> mine = new ArrayList<>();
            List<PgbenchRun> alone = new ArrayList<>();
            for (int i = 0; i < runs; i++) {
                mine.add(PgbenchRun.of(ours.port(), List.of(), options));
                alone.add(PgbenchRun.of(pgbouncer.port(), List.of(), options));
            }
            ToDoubleFunction<PgbenchRun> megabytes = run -> run.perSecond() * BULK_BYTES / 1e6;
            add(
                    Measure.ratioAtLeast(
                            ours.name() + ": 8 MB results, peer: PgBouncer",
                            "MB/s",
                            median(mine, megabytes),
                            median(alone, megabytes),
                            2,
                            3));
        } finally {
            Files.delete(script);
        }
    }

    private void reconnect(GatewayRig.Way ours, GatewayRig.Way pgbouncer)
            throws IOException, InterruptedException {
        List<String> options = List.of("-S", "-C", "-c", "8", "-T", "" + seconds);
        List<PgbenchRun> mine = new ArrayList<>();
        List<PgbenchRun> alone = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            mine.add(PgbenchRun.of(ours.port(), List.of(), options));
            alone.add(PgbenchRun.of(pgbouncer.port(), List.of(), options));
        }
        add(
                Measure.ratioAtLeast(
                        ours.name() + ": a connection per transaction, peer: PgBouncer",
                        "1/s",
                        median(mine, PgbenchRun::perSecond),
                        median(alone, PgbenchRun::perSecond),
                        0.8,
                        1.2));
    }

    /** Each a fresh process. With fewer clients, where descriptors are few, scaled to all. */
    private void idle(GatewayRig.Way ours, GatewayRig.Way pgbouncer) throws IOException {
        int possible = IdleClients.possible(IDLE_CLIENTS);
        add(
                Measure.oursAtMost(
                        ours.name()
                                + ": 20 000 idle clients, memory above base, peer: PgBouncer"
                                + (possible < IDLE_CLIENTS ? " (of " + possible + ")" : ""),
                        "MB",
                        idleMegabytes(ours, possible),
                        idleMegabytes(pgbouncer, possible),
                        100,
                        60));
    }

    private static double idleMegabytes(GatewayRig.Way way, int clients) throws IOException {
        try {
            double used = IdleClients.megabytes(way.port(), way.processes().getFirst(), clients);
            return used * IDLE_CLIENTS / clients;
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void heap() {
        for (String mode : MODES) {
            double bytes;
            try {
                bytes = HeapPerQuery.bytes(mode);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            add(
                    Measure.oursAtMost(
                            "heap allocated per query, " + mode, "bytes", bytes, null, 64, 0));
        }
    }

    private void add(Measure measure) {
        measures.add(measure);
        System.out.printf(
                Locale.ROOT,
                "%s: ours %s, peer %s, ratio %s%n",
                measure.measure(),
                measure.ours(),
                measure.peer(),
                measure.ratio());
    }

    private static @Nullable Double median(
            List<PgbenchRun> runs, ToDoubleFunction<PgbenchRun> value) {
        Samples samples = new Samples();
        runs.forEach(run -> samples.add(value.applyAsDouble(run)));
        return samples.median();
    }

    private static double value(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    private static @Nullable Double less(@Nullable Double value, double floor) {
        return value == null ? null : (Double) (value - floor);
    }
}
