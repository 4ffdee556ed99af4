package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A pool whose servers are elsewhere from now on, or nowhere. */
class PoolRouteTest {
    private static final PoolSettings SETTINGS = new PoolSettings(3, 0, 0, 0, 0, 1000, 0, 0);

    private final List<PoolServer<String>> opened = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final Pools<String, String> pools =
            new Pools<>(
                    1,
                    new Pools.Effects<>() {
                        @Override
                        public void open(PoolServer<String> server) {
                            opened.add(server);
                            server.owner("s" + opened.size());
                        }

                        @Override
                        public void assign(PoolServer<String> server, PoolClient<String> client) {
                            log.add(client.owner() + " gets " + server.owner());
                        }

                        @Override
                        public void close(PoolServer<String> server, String why) {
                            log.add(server.owner() + " closed");
                        }

                        @Override
                        public void wake(long at) {}

                        @Override
                        public void refuse(PoolClient<String> client, Refusal why) {
                            log.add(client.owner() + " " + why);
                        }
                    });
    private final Pool<String, String> pool =
            pools.add(new PoolKey(PoolKey.PRIMARY, "d", "u"), SETTINGS, List.of());

    private @Nullable PoolServer<String> ask(String client) {
        return pools.acquire(pool, new PoolClient<>(client, 0), 0, 0);
    }

    /** A server that its client has given back. */
    private PoolServer<String> idle() {
        ask("warmer");
        PoolServer<String> server = opened.getLast();
        pools.opened(server, 0, 0);
        pools.release(server, 0, 0);
        log.clear();
        return server;
    }

    @Test
    void withoutAPlaceEverybodyWaitsAndServersStay() {
        idle();
        pools.unroute(pool);

        assertThat(ask("a")).isNull();
        assertThat(pool.idle()).isEqualTo(1);
        pools.tick(5000);
        assertThat(log).isEmpty();

        pools.route(pool, 6000);
        assertThat(log).containsExactly("a gets s1");
    }

    @Test
    void noServerOfAnOldPlaceIsGivenOut() {
        PoolServer<String> busy = idle();
        assertThat(ask("a")).isEqualTo(busy);
        ask("b");
        PoolServer<String> opening = opened.getLast();
        ask("c");
        PoolServer<String> spare = opened.getLast();
        pools.opened(spare, 0, 0);
        pools.release(spare, 0, 0);
        log.clear();

        pools.renew(pool, "moved", 1);
        assertThat(ask("d")).isNull();
        pools.release(busy, 0, 2);
        pools.opened(opening, 0, 3);

        assertThat(log).contains("s1 closed", opening.owner() + " closed");
        assertThat(log).noneMatch(line -> line.contains("gets"));
        assertThat(pool.waiting()).isPositive();
        pools.opened(opened.getLast(), 0, 4);
        assertThat(log.getLast()).endsWith("gets " + opened.getLast().owner());
    }

    @Test
    void aPlaceThatCouldNotBeReachedDoesNotDelayTheNextOne() {
        ask("a");
        pools.openFailed(opened.getLast(), "", "refused", false, 1, 0);
        assertThat(opened).hasSize(1);

        pools.renew(pool, "moved", 1);

        assertThat(opened).hasSize(2);
        assertThat(pool.lastFailure()).isNull();
    }

    @Test
    void resumeDoesNotServeWithoutAPlace() {
        idle();
        pools.unroute(pool);
        pools.hold(pool, Hold.pause("PAUSE"));
        ask("a");

        pools.resume(pool, "PAUSE", 0, 1);
        assertThat(log).isEmpty();

        pools.dismiss(pool);
        assertThat(log).containsExactly("a " + new Refusal.Elsewhere());
    }
}
