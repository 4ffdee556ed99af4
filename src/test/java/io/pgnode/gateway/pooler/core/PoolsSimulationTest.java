package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules of clients, servers and faults over several pools that share limits; after every
 * step the invariants of the package hold. A failure names its seed.
 */
class PoolsSimulationTest {
    private static final int STEPS = 4_000;
    private static final long MILLISECOND = 1_000_000L;

    /** Plants a fault, to see that the simulation finds it. */
    private enum Fault {
        NONE,
        GIVES_ONE_SERVER_TWICE,
        IGNORES_A_LIMIT,
        FORGETS_A_WAITER,
        ENDS_THE_HOLDS_OF_ALL
    }

    private static final class World implements Pools.Effects<String, Integer> {
        final Random random;
        final int loops;
        final Fault fault;
        final Pools<String, Integer> pools;
        final List<Pool<String, Integer>> all = new ArrayList<>();
        final Scope node;
        final Map<String, Scope> users = new HashMap<>();
        final List<PoolServer<Integer>> opening = new ArrayList<>();
        final Map<PoolClient<String>, PoolServer<Integer>> inHand = new HashMap<>();
        final Set<PoolClient<String>> waiting = new HashSet<>();
        final Deque<PoolClient<String>> idleClients = new ArrayDeque<>();
        final Map<PoolClient<String>, Pool<String, Integer>> poolOf = new HashMap<>();
        final Map<PoolClient<String>, Integer> overtakenBy = new HashMap<>();
        final Map<PoolClient<String>, Long> arrival = new HashMap<>();
        long now;
        long arrivals;
        final Map<Pool<String, Integer>, Map<String, Hold>> holds = new HashMap<>();
        final Deque<Long> openings = new ArrayDeque<>();
        int serverNumber;
        int served;
        int heldTooLong;
        long wakeAt = Long.MAX_VALUE;

        World(long seed, Fault fault) {
            random = new Random(seed);
            loops = 1 + random.nextInt(3);
            this.fault = fault;
            pools = new Pools<>(loops, this);
            node = new Scope("node", 6 + random.nextInt(10));
            for (int i = 0; i < 3; i++) {
                Scope user = users.computeIfAbsent("u" + i % 2, name -> new Scope(name, 7));
                all.add(
                        pools.add(
                                new PoolKey("local", "d" + i, user.name()),
                                new PoolSettings(
                                        2 + random.nextInt(4),
                                        random.nextInt(2),
                                        random.nextInt(3),
                                        5 * MILLISECOND,
                                        400 * MILLISECOND,
                                        200 * MILLISECOND,
                                        80 * MILLISECOND,
                                        300 * MILLISECOND),
                                List.of(node, user)));
            }
            for (int i = 0; i < 40; i++) {
                PoolClient<String> client = new PoolClient<>("c" + i, random.nextInt(loops));
                poolOf.put(client, all.get(random.nextInt(all.size())));
                idleClients.add(client);
            }
        }

        @Override
        public void open(PoolServer<Integer> server) {
            assertThat(server.pool().isHeld()).as("a held pool opens nothing").isFalse();
            server.owner(serverNumber++);
            openings.add(now);
            openings.removeIf(at -> now - at >= Pools.SLICE);
            opening.add(server);
        }

        @Override
        public void assign(PoolServer<Integer> server, PoolClient<String> client) {
            assertThat(waiting.remove(client)).as("%s was waiting", client.owner()).isTrue();
            hand(server, client);
            if (fault == Fault.GIVES_ONE_SERVER_TWICE && random.nextInt(50) == 0) {
                waiting.stream().findFirst().ifPresent(other -> inHand.put(other, server));
            }
        }

        private void hand(PoolServer<Integer> server, PoolClient<String> client) {
            assertThat(poolOf(client).isHeld()).as("a held pool gives nothing").isFalse();
            inHand.put(client, server);
            served++;
            long mine = arrivalOf(client);
            for (PoolClient<String> other : waiting) {
                if (poolOf(other) == poolOf(client) && arrivalOf(other) < mine) {
                    overtakenBy.merge(other, 1, Integer::sum);
                }
            }
        }

        private long arrivalOf(PoolClient<String> client) {
            return arrival.getOrDefault(client, 0L);
        }

        private Pool<String, Integer> poolOf(PoolClient<String> client) {
            return Objects.requireNonNull(poolOf.get(client));
        }

        private PoolServer<Integer> takeFrom(PoolClient<String> client) {
            return Objects.requireNonNull(inHand.remove(client));
        }

        @Override
        public void close(PoolServer<Integer> server, String why) {
            assertThat(inHand)
                    .as("a server in use is not closed by the pools")
                    .doesNotContainValue(server);
        }

        @Override
        public void wake(long at) {
            assertThat(at).as("when to wake").isGreaterThan(now);
            wakeAt = Math.min(wakeAt, at);
        }

        @Override
        public void refuse(PoolClient<String> client, Refusal why) {
            assertThat(waiting.remove(client)).as("%s was waiting", client.owner()).isTrue();
            Pool<String, Integer> pool = poolOf(client);
            switch (why) {
                case Refusal.HeldTooLong _ -> {
                    heldTooLong++;
                    assertThat(holdsOf(pool).values())
                            .as("every hold of %s has reached its limit", pool)
                            .isNotEmpty()
                            .allMatch(hold -> hold.isOver(now));
                }
                case Refusal.Unreachable _, Refusal.Rejected _ ->
                        assertThat(holdsOf(pool))
                                .as("nobody of a held pool hears of failures")
                                .isEmpty();
                case Refusal.WaitedTooLong _, Refusal.Removed _ -> {}
            }
            idleClients.add(client);
        }

        void step() {
            now += random.nextInt(3 * (int) MILLISECOND);
            if (now >= wakeAt) {
                tick();
            }
            switch (random.nextInt(15)) {
                case 0, 1, 2, 3, 4 -> clientWants();
                case 5, 6, 7 -> clientReleases();
                case 8 -> serverOpens();
                case 9 -> serverFails();
                case 10 -> serverDies();
                case 11 -> clientLeaves();
                case 12 -> holdOrResume();
                case 13 -> restOrGoOn();
                default -> tick();
            }
            check();
        }

        private void clientWants() {
            PoolClient<String> client = idleClients.poll();
            if (client == null) {
                return;
            }
            waiting.add(client);
            arrival.put(client, arrivals++);
            overtakenBy.remove(client);
            PoolServer<Integer> server =
                    pools.acquire(poolOf(client), client, random.nextInt(3), now);
            if (server != null) {
                waiting.remove(client);
                hand(server, client);
            } else if (fault == Fault.FORGETS_A_WAITER && random.nextInt(20) == 0) {
                pools.stopWaiting(client);
            }
            if (fault == Fault.IGNORES_A_LIMIT && random.nextInt(100) == 0) {
                node.limit(100);
                pools.tick(now);
                node.limit(6);
            }
        }

        private void clientReleases() {
            PoolClient<String> client = anyInHand();
            if (client != null) {
                PoolServer<Integer> server = takeFrom(client);
                idleClients.add(client);
                pools.release(server, random.nextInt(3), now);
            }
        }

        private @Nullable PoolClient<String> anyInHand() {
            List<PoolClient<String>> holders = new ArrayList<>(inHand.keySet());
            holders.sort((a, b) -> a.owner().compareTo(b.owner()));
            return holders.isEmpty() ? null : holders.get(random.nextInt(holders.size()));
        }

        private void serverOpens() {
            if (!opening.isEmpty()) {
                pools.opened(opening.remove(random.nextInt(opening.size())), 0, now);
            }
        }

        private void serverFails() {
            if (!opening.isEmpty() && random.nextInt(3) == 0) {
                PoolServer<Integer> server = opening.remove(random.nextInt(opening.size()));
                pools.openFailed(server, "", "refused", random.nextInt(8) == 0, 0.7, now);
            }
        }

        private void serverDies() {
            PoolClient<String> client = anyInHand();
            if (client != null && random.nextInt(2) == 0) {
                PoolServer<Integer> server = takeFrom(client);
                idleClients.add(client);
                pools.lost(server, now);
            } else {
                pools.doom(server -> random.nextInt(4) == 0, "test", now);
            }
        }

        private void clientLeaves() {
            waiting.stream()
                    .min((a, b) -> a.owner().compareTo(b.owner()))
                    .ifPresent(
                            client -> {
                                assertThat(pools.stopWaiting(client)).isTrue();
                                waiting.remove(client);
                                idleClients.add(client);
                            });
        }

        private void tick() {
            wakeAt = Long.MAX_VALUE;
            pools.tick(now);
            holds.values()
                    .forEach(
                            known ->
                                    known.values()
                                            .removeIf(
                                                    hold ->
                                                            hold.isOver(now)
                                                                    && !hold.refusesAfter()));
        }

        private Map<String, Hold> holdsOf(Pool<String, Integer> pool) {
            return holds.computeIfAbsent(pool, _ -> new HashMap<>());
        }

        private void holdOrResume() {
            Pool<String, Integer> pool = all.get(random.nextInt(all.size()));
            String owner = "owner" + random.nextInt(3);
            if (random.nextInt(4) == 0) {
                Hold hold =
                        new Hold(
                                owner,
                                random.nextBoolean(),
                                random.nextInt(3) == 0
                                        ? Hold.NO_LIMIT
                                        : now + random.nextInt(60) * MILLISECOND,
                                random.nextInt(4) == 0);
                holdsOf(pool).put(owner, hold);
                pools.hold(pool, hold);
            } else {
                holdsOf(pool).remove(owner);
                pools.resume(pool, owner, random.nextInt(2) * (5 * MILLISECOND), now);
                if (fault == Fault.ENDS_THE_HOLDS_OF_ALL) {
                    pools.resume(pool, "owner0", 0, now);
                }
            }
        }

        private void restOrGoOn() {
            PoolClient<String> client = anyInHand();
            if (client != null && random.nextBoolean()) {
                pools.rest(Objects.requireNonNull(inHand.get(client)));
            } else if (client != null) {
                pools.resumeUse(Objects.requireNonNull(inHand.get(client)));
            }
        }

        private void check() {
            assertThat(new HashSet<>(inHand.values()))
                    .as("a server is in one hand")
                    .hasSameSizeAs(inHand.values());
            int total = 0;
            for (Pool<String, Integer> pool : all) {
                total += pool.total();
                assertThat(pool.total())
                        .as("servers of %s", pool)
                        .isLessThanOrEqualTo(pool.settings().size() + pool.settings().reserve());
                assertThat(pool.waiting())
                        .as("waiters of %s", pool)
                        .isEqualTo(
                                (int)
                                        waiting.stream()
                                                .filter(client -> poolOf(client) == pool)
                                                .count());
                assertThat(pool.isHeld())
                        .as("%s is held while anybody holds it", pool)
                        .isEqualTo(!holdsOf(pool).isEmpty());
                assertThat(pool.open()).isBetween(0, pool.active());
                if (holdsOf(pool).values().stream().anyMatch(Hold::closesIdle)) {
                    assertThat(pool.idle()).as("idle servers of the drained %s", pool).isZero();
                }
                if (!pool.isHeld()) {
                    assertThat(pool.idle() == 0 || pool.waiting() == 0)
                            .as("nobody of %s waits beside an idle server", pool)
                            .isTrue();
                }
            }
            assertThat(openings.size())
                    .as("servers that were begun to be opened in two slices")
                    .isLessThanOrEqualTo(2 * Pools.MAX_OPENED_OF_SLICE);
            assertThat(total).as("servers of the node").isEqualTo(node.used());
            assertThat(total).isLessThanOrEqualTo(node.limit());
            overtakenBy.forEach(
                    (client, times) ->
                            assertThat(times)
                                    .as("%s was overtaken", client.owner())
                                    .isLessThanOrEqualTo(Pools.MAX_OVERTAKEN));
        }

        /** Once faults and holds end, everybody who waits is served or refused. */
        void settle() {
            for (int i = 0; i < 3; i++) {
                String owner = "owner" + i;
                all.forEach(pool -> pools.resume(pool, owner, 0, now));
            }
            holds.clear();
            for (int i = 0; i < 2_000 && !(waiting.isEmpty() && inHand.isEmpty()); i++) {
                now += 2 * MILLISECOND;
                while (!opening.isEmpty()) {
                    pools.opened(opening.removeFirst(), 0, now);
                }
                clientReleases();
                tick();
                check();
            }
            assertThat(waiting).as("who still waits").isEmpty();
        }
    }

    private static World run(long seed, Fault fault) {
        World world = new World(seed, fault);
        try {
            for (int i = 0; i < STEPS; i++) {
                world.step();
            }
            world.settle();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
        return world;
    }

    @Test
    void invariantsHoldForRandomSchedules() {
        int served = 0;
        int heldTooLong = 0;
        for (long seed = 0; seed < 150; seed++) {
            World world = run(seed, Fault.NONE);
            served += world.served;
            heldTooLong += world.heldTooLong;
        }
        assertThat(heldTooLong).as("clients that were held too long").isGreaterThan(100);
        assertThat(served).as("leases in all runs").isGreaterThan(50_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GIVES_ONE_SERVER_TWICE",
                "IGNORES_A_LIMIT",
                "FORGETS_A_WAITER",
                "ENDS_THE_HOLDS_OF_ALL"
            })
    void plantedFaultsAreFound(String fault) {
        assertThatThrownBy(
                        () -> {
                            for (long seed = 0; seed < 20; seed++) {
                                run(seed, Fault.valueOf(fault));
                            }
                        })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed");
    }
}
