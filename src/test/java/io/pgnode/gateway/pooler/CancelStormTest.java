package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Many clients on few servers, each cancelled again and again at random moments: a query is only
 * ever hit by a cancel request of its own client that was under way while it ran.
 */
class CancelStormTest {
    private static final int CLIENTS = 50;
    private static final int CANCELLERS = 6;
    private static final Duration LENGTH = Duration.ofSeconds(6);

    /** One client; its key changes when it has to connect again. */
    private static final class Victim {
        final AtomicLong key = new AtomicLong();
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger ended = new AtomicInteger();
    }

    private final List<Victim> victims = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicInteger hit = new AtomicInteger();
    private volatile boolean isOver;

    @Test
    void aCancelRequestNeverHitsAnotherOnesQuery() throws Exception {
        long seed = Long.getLong("chaos.seed", 20261121);
        System.out.println("cancel storm: seed " + seed);
        Random random = new Random(seed);
        try (PoolerRig rig = PoolerRig.start("pool_size=8", ChaosTest.OPTIONS);
                LeakWatch leaks = LeakWatch.start()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                Victim victim = new Victim();
                victims.add(victim);
                Random own = new Random(random.nextLong());
                threads.add(
                        Thread.ofPlatform().start(() -> query(rig.port(), number, victim, own)));
            }
            for (int i = 0; i < CANCELLERS; i++) {
                Random own = new Random(random.nextLong());
                threads.add(Thread.ofPlatform().start(() -> cancel(rig.port(), own)));
            }
            Waiting.pause(LENGTH.toMillis());
            isOver = true;
            for (Thread thread : threads) {
                thread.join(60_000);
                assertThat(thread.isAlive()).isFalse();
            }
            System.out.println("cancel storm: " + served + " served, " + hit + " hit");
            assertThat(failures).isEmpty();
            assertThat(served.get()).isGreaterThan(CLIENTS);
            assertThat(hit.get()).isPositive();
            try (Connection console = Census.console(rig.port())) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .untilAsserted(
                                () -> {
                                    Census census = Census.take(console);
                                    assertThat(census.idle()).isEqualTo(census.servers());
                                    assertThat(census.clients() + census.waiting()).isZero();
                                });
            }
            leaks.check();
        }
    }

    private void query(int port, int number, Victim victim, Random random) {
        // Clients with different settings: servers are brought to them by a query of ours.
        String application = "storm" + number % 5;
        try (WireClient client = WireClient.login(port, "application_name", application)) {
            victim.key.set(client.cancelKey());
            for (int i = 0; !isOver || i == 0; i++) {
                int endedBefore = victim.ended.get();
                String mine = number + "-" + i;
                try {
                    assertThat(ask(client, mine, random)).isEqualTo(mine + application);
                    served.incrementAndGet();
                } catch (WireClient.Refused e) {
                    boolean wasMeant = victim.begun.get() > endedBefore;
                    if (!e.sqlState().equals("57014") || e.isFatal() || !wasMeant) {
                        throw e;
                    }
                    hit.incrementAndGet();
                    rollBack(client);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            failures.add(new AssertionError("client " + number, e));
        }
    }

    /** Which may be cancelled like any query. */
    private static void rollBack(WireClient client) throws IOException {
        while (true) {
            try {
                var _ = client.query("ROLLBACK");
                return;
            } catch (WireClient.Refused e) {
                if (!e.sqlState().equals("57014") || e.isFatal()) {
                    throw e;
                }
            }
        }
    }

    private static String ask(WireClient client, String mine, Random random) throws IOException {
        String slow =
                "SELECT '"
                        + mine
                        + "' || current_setting('application_name') FROM pg_sleep("
                        + random.nextInt(12) / 1000.0
                        + ")";
        return switch (random.nextInt(4)) {
            case 0 ->
                    client.query("SELECT '" + mine + "' || current_setting('application_name')")
                            .value();
            case 1 -> {
                client.send(Wire.run(slow), Wire.sync());
                yield client.untilReady().value();
            }
            case 2 -> {
                client.query("BEGIN");
                String value = client.query(slow).value();
                client.query("COMMIT");
                yield value;
            }
            default -> client.query(slow).value();
        };
    }

    private void cancel(int port, Random random) {
        try {
            while (!isOver) {
                Victim victim = victims.get(random.nextInt(victims.size()));
                long key = victim.key.get();
                if (key == 0) {
                    continue;
                }
                victim.begun.incrementAndGet();
                WireClient.cancel(port, key);
                victim.ended.incrementAndGet();
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e);
        }
    }
}
