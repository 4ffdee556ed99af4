package io.pgnode.bench;

import io.pgnode.testing.Http;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.TransferLoad;
import io.pgnode.testing.Waiting;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Planned interruptions of a three-node cluster under a load of transfers, whose clients are spread
 * over the gateways of all nodes: what they see at the service that leads to the primary. Each
 * interruption falls on a healthy cluster that has been busy for a while.
 */
final class HoldCases implements AutoCloseable {
    private static final int NODES = 3;
    private static final int CLIENTS = 64;
    private static final int PRIMARY_SERVICE = 5433;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final int TRIES = 3;

    /**
     * What clients saw of all interruptions of one kind.
     *
     * @param errors of clients that were not in a transaction
     * @param broken transactions
     * @param messages of both
     * @param stalls for each interruption the longest time that any client waited for a transfer,
     *     in seconds
     */
    record Outcome(int errors, int broken, List<String> messages, Samples stalls) {}

    private interface Interruption {
        void run(int primary);
    }

    private final PgnodeCluster cluster =
            new PgnodeCluster(NODES, "fast", PgnodeCluster.ASYNCHRONOUS).withGateways();

    /** Takes a while: the cluster is started. */
    HoldCases() throws SQLException {
        boolean isReady = false;
        try {
            cluster.start();
            try (Connection primary = cluster.connect(primary())) {
                TransferLoad.prepare(primary);
            }
            isReady = true;
        } finally {
            if (!isReady) {
                cluster.close();
            }
        }
    }

    private int primary() {
        cluster.awaitHealthy(LIMIT);
        return cluster.primary().orElseThrow();
    }

    Outcome switchovers(int times) throws SQLException {
        return observe(times, from -> cluster.switchover(from, (from + 1) % NODES));
    }

    Outcome restarts(int times) throws SQLException {
        return observe(times, this::restart);
    }

    private void restart(int node) {
        Http.Answer answer = Http.post(cluster.api(node) + "/restart", "{}", LIMIT);
        if (!answer.isOk()) {
            throw new AssertionError("restart failed: " + answer + "\n" + cluster.diagnostics());
        }
    }

    private Outcome observe(int times, Interruption interruption) throws SQLException {
        List<String> urls =
                IntStream.range(0, NODES)
                        .mapToObj(node -> cluster.serviceUrl(node, PRIMARY_SERVICE))
                        .toList();
        Samples stalls = new Samples();
        List<String> messages = new ArrayList<>();
        int errors = 0;
        int broken = 0;
        try (TransferLoad load = TransferLoad.start(urls, CLIENTS)) {
            for (int i = 0; i < times; i++) {
                TransferLoad.Seen seen = seenOf(interruption, load, TRIES);
                stalls.add(seen.longestSeconds());
                errors += seen.outside().size();
                broken += seen.inside().size();
                messages.addAll(seen.outside());
                messages.addAll(seen.inside());
            }
        }
        try (Connection primary = cluster.connect(primary())) {
            if (!TransferLoad.isSumRight(primary)) {
                throw new AssertionError("the sum of all balances has changed");
            }
        }
        return new Outcome(errors, broken, messages, stalls);
    }

    /** Again, when it was refused because the machine, and etcd on it, stood still. */
    private TransferLoad.Seen seenOf(Interruption interruption, TransferLoad load, int tries) {
        int primary = primary();
        Waiting.pause(SETTLE.toMillis());
        load.forget();
        try {
            interruption.run(primary);
        } catch (AssertionError e) {
            if (tries == 1) {
                throw e;
            }
            System.out.println(
                    "repeated: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            return seenOf(interruption, load, tries - 1);
        }
        Waiting.pause(SETTLE.toMillis());
        return load.seen();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
