package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolHoldTest {
    private static final long MS = 1_000_000L;

    private final List<PoolServer<String>> opening = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Long> wakes = new ArrayList<>();
    private final Pools<String, String> pools = new Pools<>(1, new Effects());
    private final Pool<String, String> pool = add("local", 20);

    private final class Effects implements Pools.Effects<String, String> {
        @Override
        public void open(PoolServer<String> server) {
            opening.add(server);
        }

        @Override
        public void assign(PoolServer<String> server, PoolClient<String> client) {
            events.add(client.owner());
        }

        @Override
        public void close(PoolServer<String> server, String why) {
            events.add("closed: " + why);
        }

        @Override
        public void refuse(PoolClient<String> client, Refusal why) {
            events.add(client.owner() + " refused: " + why);
        }

        @Override
        public void wake(long at) {
            wakes.add(at);
        }
    }

    private Pool<String, String> add(String target, int size) {
        return pools.add(
                new PoolKey(target, "db" + pools.all().size(), "user"),
                new PoolSettings(size, 0, 0, 0, 120_000 * MS, 1_000 * MS, 0, 0),
                List.of());
    }

    private void wants(Pool<String, String> of, String client, long now) {
        assertThat(pools.acquire(of, new PoolClient<>(client, 0), 0, now)).isNull();
    }

    private void fails(String sqlState, long now) {
        pools.openFailed(opening.removeFirst(), sqlState, "why", false, 1, now);
    }

    @Test
    void waitersAreServedInTheirOrderOnceTheLastHoldEnds() {
        pools.hold(pool, Hold.pause("one"));
        pools.hold(pool, Hold.pause("two"));
        for (int i = 0; i < 3; i++) {
            wants(pool, "c" + i, i);
        }
        pools.resume(pool, "one", 0, 10);
        assertThat(opening).isEmpty();

        pools.resume(pool, "two", 0, 10);
        assertThat(pool.isResuming()).isTrue();
        List.copyOf(opening).forEach(server -> pools.opened(server, 0, 20));

        assertThat(events).containsExactly("c0", "c1", "c2");
        assertThat(pool.isResuming()).isFalse();
    }

    @Test
    void whoWaitedForTheWholeHoldIsRefusedAndTheHoldEnds() {
        pools.hold(pool, new Hold("switchover", true, 30 * MS, false));
        wants(pool, "c", 0);
        pools.tick(29 * MS);
        assertThat(events).isEmpty();

        pools.tick(30 * MS);

        assertThat(events).containsExactly("c refused: HeldTooLong[owner=switchover]");
        assertThat(pool.isHeld()).isFalse();
    }

    @Test
    void aLastingHoldRefusesWhoComesAfterItsLimit() {
        pools.hold(pool, new Hold("no-primary", true, 30 * MS, true));
        pools.tick(30 * MS);
        wants(pool, "late", 31 * MS);

        assertThat(events).containsExactly("late refused: HeldTooLong[owner=no-primary]");
        assertThat(pool.isHeld()).isTrue();
    }

    @Test
    void aDrainClosesServersAsTheyAreReleasedAndAPauseKeepsThem() {
        wants(pool, "c", 0);
        PoolServer<String> server = opening.removeFirst();
        pools.opened(server, 0, 1);
        pools.hold(pool, Hold.pause("PAUSE"));
        pools.release(server, 0, 2);
        assertThat(pool.idle()).isEqualTo(1);

        pools.hold(pool, new Hold("switchover", true, Hold.NO_LIMIT, false));

        assertThat(events).containsExactly("c", "closed: hold");
    }

    @Test
    void failuresDuringAHoldAreNotForItsWaiters() {
        wants(pool, "c", 0);
        pools.hold(pool, Hold.pause("restart"));
        pools.openFailed(opening.removeFirst(), "28P01", "wrong password", true, 1, 1);
        pools.tick(5_000 * MS);

        assertThat(events).isEmpty();
    }

    @Test
    void opensSoManyASliceAndAsksToBeWokenForTheRest() {
        for (int i = 0; i < 5; i++) {
            Pool<String, String> other = add("local", 20);
            pools.hold(other, Hold.pause("switchover"));
            for (int j = 0; j < 4; j++) {
                wants(other, "c" + i + j, 0);
            }
        }
        for (Pool<String, String> held : pools.all()) {
            pools.resume(held, "switchover", 0, MS);
        }
        assertThat(opening).hasSize(Pools.MAX_OPENED_OF_SLICE);
        assertThat(wakes).containsExactly(Pools.SLICE);

        pools.tick(Pools.SLICE);

        assertThat(opening).hasSize(2 * Pools.MAX_OPENED_OF_SLICE);
    }

    @Test
    void theFirstServerAfterAHoldMayBeOpenedLater() {
        pools.hold(pool, Hold.pause("switchover"));
        wants(pool, "c", 0);
        pools.resume(pool, "switchover", 7 * MS, MS);
        assertThat(opening).isEmpty();
        assertThat(wakes).containsExactly(8 * MS);

        pools.tick(8 * MS);

        assertThat(opening).hasSize(1);
    }

    @Test
    void triesOftenAtFirstAndRarelyLater() {
        wants(pool, "c", 0);
        List<Long> tries = new ArrayList<>();
        long now = 0;
        while (now < 999 * MS) {
            fails("", now);
            now = wakes.getLast();
            pools.tick(now);
            tries.add(now / MS);
        }

        assertThat(tries).startsWith(20L, 40L, 60L, 80L, 100L, 120L, 140L, 163L);
        assertThat(tries).hasSizeLessThan(25);
    }

    @Test
    void aServerThatStartsRefusesNobody() {
        wants(pool, "c", 0);
        for (long now = 0; now < 20_000 * MS; now += 2_000 * MS) {
            pools.tick(now);
            fails("57P03", now);
        }
        assertThat(events).isEmpty();
        pools.tick(20_000 * MS);
        fails("", 20_000 * MS);
        assertThat(events).isEmpty();
        pools.tick(21_000 * MS);

        assertThat(events).containsExactly("c refused: Unreachable[message=why]");
    }

    @Test
    void whatOnePoolReachesTheOthersTryAtOnce() {
        Pool<String, String> other = add("local", 5);
        wants(pool, "c", 0);
        wants(other, "d", 0);
        PoolServer<String> first = opening.removeFirst();
        fails("", 0);

        pools.opened(first, 0, MS);

        assertThat(events).containsExactly("c");
        assertThat(opening).hasSize(1);
    }

    @Test
    void aRestingServerIsNotOpen() {
        wants(pool, "c", 0);
        PoolServer<String> server = opening.removeFirst();
        pools.opened(server, 0, 1);
        pools.hold(pool, Hold.pause("switchover"));
        assertThat(pool.open()).isEqualTo(1);

        pools.rest(server);
        pools.rest(server);
        assertThat(pool.open()).isZero();

        pools.release(server, 0, 2);
        assertThat(pool.open()).isZero();
        assertThat(pool.active()).isZero();
    }
}
