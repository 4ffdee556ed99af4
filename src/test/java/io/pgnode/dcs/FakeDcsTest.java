package io.pgnode.dcs;

import io.pgnode.dcs.embedded.KvState;
import java.time.Duration;
import java.util.function.BooleanSupplier;

class FakeDcsTest extends DcsContract {
    private static final Duration STEP = Duration.ofMillis(5);

    private final SimulatedTime time = new SimulatedTime();
    private final FakeDcsServer server =
            new FakeDcsServer(new KvState(1, KvState.DEFAULT_HISTORY), time::nowNanos);

    @Override
    Dcs connect() {
        return new FakeDcs(server, time);
    }

    @Override
    void await(Duration atMost, BooleanSupplier condition) {
        long end = time.nowNanos() + atMost.toNanos();
        while (!condition.getAsBoolean() && time.nowNanos() < end) {
            time.advance(STEP);
            server.tick();
        }
    }

    @Override
    long nanoTime() {
        return time.nowNanos();
    }

    @Override
    void hang() {
        time.losesReplies(true);
    }

    @Override
    void unhang() {
        time.losesReplies(false);
    }

    @Override
    void restart() {
        time.losesRequests(true);
        time.losesReplies(true);
        time.advance(Duration.ofMillis(300));
        server.state().renewAll(time.nowNanos());
        time.losesRequests(false);
        time.losesReplies(false);
    }
}
