package io.pgnode.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What stands between clients and one PostgreSQL: each build of ours, PgBouncer, and HAProxy before
 * PgBouncer. All of them run at once, and are measured in turns.
 */
final class ProxyCases {
    private static final List<Integer> CLIENTS = List.of(1, 16, 64);
    private static final int MANY_CLIENTS = 400;
    private static final int IDLE_CLIENTS = 20_000;
    private static final String CHAIN = "HAProxy + PgBouncer";
    private static final int TCP_CLIENTS = 16;
    private static final int WARM_UP_SECONDS = 10;

    /** One run of whichever kind. */
    private interface Run<T> {
        T of(GatewayRig.Way way) throws IOException, InterruptedException;
    }

    private final GatewayRig rig;
    private final int runs;
    private final int seconds;
    private final List<Path> runners;
    private final GatewayRig.Way direct;
    private final GatewayRig.Way pgbouncer;
    private final GatewayRig.Way chain;
    private final List<GatewayRig.Way> ours = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();

    /**
     * Queries of one kind, over ways that pool in the same mode.
     *
     * @param protocol as pgbench calls it
     */
    private record Kind(
            String name,
            String protocol,
            List<GatewayRig.Way> ours,
            GatewayRig.Way alone,
            GatewayRig.Way both) {}

    /**
     * Starts everything.
     *
     * @param runs of each kind on each way
     * @param seconds of a run
     */
    ProxyCases(GatewayRig rig, List<Path> runners, int runs, int seconds)
            throws IOException, InterruptedException {
        this.rig = rig;
        this.runs = runs;
        this.seconds = seconds;
        this.runners = List.copyOf(runners);
        direct = rig.startServer();
        pgbouncer = rig.startPgbouncer("transaction");
        chain = rig.startHaproxy(CHAIN, pgbouncer);
        List<GatewayRig.Way> inSessions = new ArrayList<>();
        for (Path runner : runners) {
            ours.add(rig.startOurs(runner, "transaction"));
            inSessions.add(rig.startOurs(runner, "session"));
        }
        kinds.add(new Kind("simple", "simple", ours, pgbouncer, chain));
        GatewayRig.Way sessions = rig.startPgbouncer("session");
        kinds.add(
                new Kind(
                        "prepared",
                        "prepared",
                        inSessions,
                        sessions,
                        rig.startHaproxy(CHAIN, sessions)));
        Optional<List<String>> later = GatewayRig.laterPgbouncer();
        if (later.isPresent()) {
            GatewayRig.Way transactions = rig.startLaterPgbouncer(later.get());
            kinds.add(
                    new Kind(
                            "prepared in transaction mode",
                            "prepared",
                            ours,
                            transactions,
                            rig.startHaproxy(CHAIN, transactions)));
        }
    }

    /** As long as a compiler at run time needs; the binary has none. */
    void warmUp() throws IOException, InterruptedException {
        for (Kind kind : kinds) {
            for (GatewayRig.Way way : kind.ours()) {
                if (way.name().equals(GatewayRig.JVM)) {
                    var _ = select(way, kind.protocol(), 16, WARM_UP_SECONDS);
                }
            }
        }
        for (GatewayRig.Way way : ours) {
            if (way.name().equals(GatewayRig.JVM)) {
                var _ = pgbench(way, "-S", "-c", "8", "-C", "-T", "" + WARM_UP_SECONDS);
                var _ = BulkReads.of(way, WARM_UP_SECONDS);
            }
        }
    }

    // ---------------------------------------------------------------- queries

    List<Measure> queries() throws IOException, InterruptedException {
        List<Measure> found = new ArrayList<>();
        for (Kind kind : kinds) {
            for (int clients : CLIENTS) {
                found.addAll(queries(kind, clients));
            }
        }
        return found;
    }

    private List<Measure> queries(Kind kind, int clients) throws IOException, InterruptedException {
        List<Measure> found = new ArrayList<>();
        GatewayRig.Way alone = kind.alone();
        GatewayRig.Way both = kind.both();
        for (Versus<PgbenchRun> runs :
                inTurns(
                        kind.ours(),
                        clients == 1 ? List.of(direct, alone, both) : List.of(alone, both),
                        way -> select(way, kind.protocol(), clients))) {
            String what = runs.ours().name() + ": " + kind.name() + ", c=" + clients;
            found.add(
                    runs.measure(
                            what + ", CPU per query, peer: HAProxy + PgBouncer",
                            "us",
                            both,
                            PgbenchRun::cpuMicros,
                            Measure.Judged.RATIO_AT_MOST,
                            0.65,
                            0.5));
            found.add(
                    runs.measure(
                            what + ", CPU per query, peer: PgBouncer",
                            "us",
                            alone,
                            PgbenchRun::cpuMicros,
                            Measure.Judged.RATIO_AT_MOST,
                            1.2,
                            1.0));
            if (clients == 1) {
                double floor = runs.median(direct, PgbenchRun::latencyMillis);
                found.add(
                        runs.measure(
                                what + ", added latency, peer: HAProxy + PgBouncer",
                                "ms",
                                both,
                                run -> run.latencyMillis() - floor,
                                Measure.Judged.RATIO_AT_MOST,
                                0.6,
                                0.5));
            }
            if (clients == 64) {
                found.add(
                        runs.measure(
                                what + ", throughput, peer: PgBouncer",
                                "tps",
                                alone,
                                PgbenchRun::perSecond,
                                Measure.Judged.RATIO_AT_LEAST,
                                1.0,
                                1.5));
            }
        }
        return found;
    }

    private PgbenchRun select(GatewayRig.Way way, String mode, int clients)
            throws IOException, InterruptedException {
        return select(way, mode, clients, seconds);
    }

    private static PgbenchRun select(GatewayRig.Way way, String mode, int clients, int forSeconds)
            throws IOException, InterruptedException {
        return pgbench(way, "-S", "-M", mode, "-c", "" + clients, "-T", "" + forSeconds);
    }

    private static PgbenchRun pgbench(GatewayRig.Way way, String... options)
            throws IOException, InterruptedException {
        return PgbenchRun.of(way.port(), way.processes(), List.of(options));
    }

    // ---------------------------------------------------------------- other rows

    /** Many clients on few servers: how much longer than usual the unlucky wait. */
    List<Measure> fairness() throws IOException, InterruptedException {
        return measures(
                way -> PgbenchRun.latencies(way.port(), MANY_CLIENTS, seconds),
                runs ->
                        List.of(
                                runs.measure(
                                        runs.ours().name()
                                                + ": p99/p50, 400 clients on 20 servers,"
                                                + " peer: PgBouncer",
                                        "",
                                        pgbouncer,
                                        ProxyCases::spread,
                                        Measure.Judged.OURS_AT_MOST,
                                        3,
                                        2)));
    }

    private static double spread(List<Long> sorted) {
        return (double) sorted.get(sorted.size() * 99 / 100) / sorted.get(sorted.size() / 2);
    }

    List<Measure> bulk() throws IOException, InterruptedException {
        return measures(
                way -> BulkReads.of(way, seconds),
                runs -> {
                    String what =
                            runs.ours().name()
                                    + ": 8 MB results (1000 rows of 8 kB, read and dropped)";
                    return List.of(
                            runs.measure(
                                    what + ", peer: PgBouncer",
                                    "MB/s",
                                    pgbouncer,
                                    BulkReads::megabytesPerSecond,
                                    Measure.Judged.RATIO_AT_LEAST,
                                    2,
                                    3),
                            runs.shown(
                                    what + ", CPU each, peer: PgBouncer",
                                    "ms",
                                    pgbouncer,
                                    BulkReads::cpuMillis));
                });
    }

    /** Services in mode tcp, which HAProxy alone does in the chain. */
    List<Measure> tcp() throws IOException, InterruptedException {
        GatewayRig.Way haproxy = rig.startHaproxy("HAProxy", direct);
        List<GatewayRig.Way> gateways = new ArrayList<>();
        for (Path runner : runners) {
            GatewayRig.Way way = rig.startGateway(runner);
            gateways.add(way);
            var _ = BulkReads.of(way, WARM_UP_SECONDS);
            var _ = select(way, "simple", TCP_CLIENTS);
        }
        List<Measure> found = new ArrayList<>();
        for (Versus<BulkReads> runs :
                inTurns(gateways, List.of(haproxy), way -> BulkReads.of(way, seconds))) {
            String what = runs.ours().name() + ": tcp, 8 MB results";
            found.add(
                    runs.shown(
                            what + ", peer: HAProxy",
                            "MB/s",
                            haproxy,
                            BulkReads::megabytesPerSecond));
            found.add(
                    runs.shown(
                            what + ", CPU each, peer: HAProxy",
                            "ms",
                            haproxy,
                            BulkReads::cpuMillis));
        }
        for (Versus<PgbenchRun> runs :
                inTurns(gateways, List.of(haproxy), way -> select(way, "simple", TCP_CLIENTS))) {
            found.add(
                    runs.shown(
                            runs.ours().name()
                                    + ": tcp, simple, c=16, CPU per query, peer: HAProxy",
                            "us",
                            haproxy,
                            PgbenchRun::cpuMicros));
        }
        return found;
    }

    List<Measure> reconnect() throws IOException, InterruptedException {
        return measures(
                way -> pgbench(way, "-S", "-C", "-c", "8", "-T", "" + seconds),
                runs ->
                        List.of(
                                runs.measure(
                                        runs.ours().name()
                                                + ": a connection per transaction (-C),"
                                                + " peer: PgBouncer",
                                        "1/s",
                                        pgbouncer,
                                        PgbenchRun::perSecond,
                                        Measure.Judged.RATIO_AT_LEAST,
                                        0.8,
                                        1.2)));
    }

    /** Each a fresh process. With fewer clients, where descriptors are few, scaled to all. */
    List<Measure> idle() throws Exception {
        int possible = IdleClients.possible(IDLE_CLIENTS);
        String scaled = possible < IDLE_CLIENTS ? " (scaled from " + possible + ")" : "";
        double peer = idleMegabytes(rig.startPgbouncer("transaction"), possible);
        List<Measure> found = new ArrayList<>();
        for (Path runner : runners) {
            GatewayRig.Way way = rig.startOurs(runner, "transaction");
            found.add(
                    Measure.oursAtMost(
                            way.name()
                                    + ": 20 000 idle clients, memory above base, peer: PgBouncer"
                                    + scaled,
                            "MB",
                            idleMegabytes(way, possible),
                            peer,
                            100,
                            60));
        }
        return found;
    }

    private static double idleMegabytes(GatewayRig.Way way, int clients) throws Exception {
        double used = IdleClients.megabytes(way.port(), way.processes().getFirst(), clients);
        return used * IDLE_CLIENTS / clients;
    }

    // ---------------------------------------------------------------- runs

    /** Each of ours beside PgBouncer. */
    private <T> List<Measure> measures(Run<T> run, Function<Versus<T>, List<Measure>> of)
            throws IOException, InterruptedException {
        return inTurns(List.of(pgbouncer), run).stream()
                .flatMap(runs -> of.apply(runs).stream())
                .toList();
    }

    /** All runs of each of ours, beside those of these others. */
    private <T> List<Versus<T>> inTurns(List<GatewayRig.Way> others, Run<T> run)
            throws IOException, InterruptedException {
        return inTurns(ours, others, run);
    }

    private <T> List<Versus<T>> inTurns(
            List<GatewayRig.Way> mine, List<GatewayRig.Way> others, Run<T> run)
            throws IOException, InterruptedException {
        List<GatewayRig.Way> ways = new ArrayList<>(mine);
        ways.addAll(others);
        Map<GatewayRig.Way, List<T>> all = new LinkedHashMap<>();
        for (int i = 0; i < runs; i++) {
            for (GatewayRig.Way way : ways) {
                all.computeIfAbsent(way, _ -> new ArrayList<>()).add(run.of(way));
            }
        }
        return mine.stream().map(way -> new Versus<>(way, all)).toList();
    }
}
