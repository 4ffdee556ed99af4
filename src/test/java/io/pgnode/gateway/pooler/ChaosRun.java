package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tellers make transfers through the pooler, while server processes and tellers are killed at
 * random; then everything is put in order, and everybody must be where he belongs.
 */
final class ChaosRun {
    private static final Duration ORDER = Duration.ofSeconds(20);
    private static final int TELLERS_OF_A_WAY = 4;

    private final PoolerRig rig;
    private final Duration length;
    private final long seed;
    private final ChaosBank bank = new ChaosBank();
    private final Map<Integer, ChaosTeller> tellers = new ConcurrentHashMap<>();
    private final Map<ChaosTeller.Way, AtomicInteger> commits = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger serversKilled = new AtomicInteger();
    private final AtomicInteger clientsKilled = new AtomicInteger();
    private volatile boolean isOver;

    ChaosRun(PoolerRig rig, Duration length, long seed) {
        this.rig = rig;
        this.length = length;
        this.seed = seed;
    }

    void run() throws Exception {
        System.out.println("chaos: seed " + seed + ", " + length.toSeconds() + " s");
        try (LeakWatch leaks = LeakWatch.start()) {
            try (Connection connection = rig.postgres().connect()) {
                bank.open(connection);
            }
            disturb();
            putInOrder();
            System.out.printf(
                    "chaos: %d committed, %d not, %d unsure; %d servers and %d clients killed%n",
                    bank.count(ChaosBank.Known.COMMITTED),
                    bank.count(ChaosBank.Known.NOT_COMMITTED),
                    bank.count(ChaosBank.Known.UNSURE),
                    serversKilled.get(),
                    clientsKilled.get());
            assertThat(failures).isEmpty();
            assertThat(commits.keySet()).containsExactlyInAnyOrder(ChaosTeller.Way.values());
            assertThat(serversKilled.get()).isPositive();
            assertThat(clientsKilled.get()).isPositive();
            try (Connection connection = rig.postgres().connect()) {
                bank.audit(connection);
            }
            leaks.check();
        }
    }

    private void disturb() throws InterruptedException {
        Random random = new Random(seed);
        List<Thread> threads = new ArrayList<>();
        int number = 0;
        for (ChaosTeller.Way way : ChaosTeller.Way.values()) {
            for (int i = 0; i < TELLERS_OF_A_WAY; i++) {
                int mine = number++;
                Random own = new Random(random.nextLong());
                threads.add(
                        Thread.ofPlatform()
                                .name("teller" + mine)
                                .start(() -> work(way, mine, own)));
            }
        }
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end) {
            Waiting.pause(20 + random.nextInt(100));
            if (random.nextInt(12) == 0) {
                killServer(random);
            } else {
                killClient(random);
            }
        }
        isOver = true;
        for (Thread thread : threads) {
            thread.join(60_000);
            if (thread.isAlive()) {
                failures.add(new AssertionError(thread.getName() + " hangs"));
                thread.interrupt();
            }
        }
    }

    private void work(ChaosTeller.Way way, int number, Random random) {
        while (!isOver) {
            try (ChaosTeller teller = ChaosTeller.open(way, rig.port(), random)) {
                tellers.put(number, teller);
                boolean isOpen = true;
                for (int left = 5 + random.nextInt(100); isOpen && left > 0 && !isOver; left--) {
                    boolean dies = random.nextInt(30) == 0;
                    isOpen = teller.make(bank.next(random), bank, dies);
                    if (isOpen) {
                        commits.computeIfAbsent(way, _ -> new AtomicInteger()).incrementAndGet();
                    } else {
                        clientsKilled.incrementAndGet();
                    }
                }
            } catch (SQLException | IOException e) {
                // It, or its server, was killed. But nobody may be forgotten.
                if (e instanceof SocketTimeoutException
                        || e.getCause() instanceof SocketTimeoutException) {
                    failures.add(e);
                }
            } catch (RuntimeException | Error e) {
                failures.add(e);
            } finally {
                tellers.remove(number);
            }
        }
    }

    private void killClient(Random random) {
        List<ChaosTeller> all = List.copyOf(tellers.values());
        if (!all.isEmpty()) {
            all.get(random.nextInt(all.size())).kill();
            clientsKilled.incrementAndGet();
        }
    }

    /** Any backend: with SIGKILL, which takes down all others, too, or politely. */
    private void killServer(Random random) {
        List<Long> pids = new ArrayList<>();
        try (Connection connection = rig.postgres().connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client"
                                        + " backend' AND pid <> pg_backend_pid()")) {
            while (rows.next()) {
                pids.add(rows.getLong(1));
            }
        } catch (SQLException _) {
            return; // it recovers from the last kill
        }
        if (!pids.isEmpty()) {
            long pid = pids.get(random.nextInt(pids.size()));
            Signal signal = random.nextInt(3) == 0 ? Signal.TERM : Signal.KILL;
            OsProcess.of(pid).ifPresent(process -> process.signal(signal));
            serversKilled.incrementAndGet();
        }
    }

    // ---------------------------------------------------------------- afterwards

    private void putInOrder() throws Exception {
        try (Connection client = rig.connect()) {
            assertThat(value(client, "SELECT 'works'")).isEqualTo("works");
        }
        String[] last = {""};
        Waiting.until(
                ORDER,
                () -> "everybody where he belongs: " + last[0],
                () -> {
                    try (Connection console = Census.console(rig.port());
                            Connection server = rig.postgres().connect()) {
                        Census census = Census.take(console);
                        String atServer =
                                value(
                                        server,
                                        "SELECT count(*) FILTER (WHERE state = 'idle') || '/' || count(*)"
                                                + " FROM pg_stat_activity WHERE backend_type = 'client"
                                                + " backend' AND pid <> pg_backend_pid()");
                        last[0] = census + ", idle/all at the server " + atServer;
                        return census.clients() == 0
                                && census.waiting() == 0
                                && census.active() == 0
                                && census.opening() == 0
                                && census.parked() == 0
                                && census.servers() == census.idle()
                                && (census.idle() + "/" + census.idle()).equals(atServer);
                    } catch (SQLException e) {
                        last[0] = String.valueOf(e);
                        return false;
                    }
                });
    }
}
