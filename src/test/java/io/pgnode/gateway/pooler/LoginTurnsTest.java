package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoginTurnsTest {
    @Test
    void aStepInANewRoundNeedsNoTimer() {
        EventLoop loop = new DefaultEventLoop();
        try {
            AtomicLong now = new AtomicLong();
            LoginTurns turns = new LoginTurns(loop, now::get);
            for (int i = 0; i < 10 * LoginTurns.STEPS; i++) {
                now.addAndGet(1_000_000 / LoginTurns.STEPS);
                assertThat(turns.take(() -> {})).isTrue();
            }
        } finally {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void aStormTakesItsTurnsInOrderAndAFewAtATime() throws Exception {
        EventLoop loop = new DefaultEventLoop();
        int steps = 10 * LoginTurns.STEPS;
        List<Integer> done = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(steps);
        try {
            LoginTurns turns = new LoginTurns(loop, () -> 0);
            int atOnce =
                    loop.submit(
                                    () -> {
                                        for (int i = 0; i < steps; i++) {
                                            int step = i;
                                            turns.take(
                                                    () -> {
                                                        done.add(step);
                                                        all.countDown();
                                                    });
                                        }
                                        return done.size();
                                    })
                            .get(10, TimeUnit.SECONDS);

            assertThat(atOnce).isEqualTo(LoginTurns.STEPS);
            assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(loop.submit(() -> List.copyOf(done)).get(10, TimeUnit.SECONDS))
                    .hasSize(steps)
                    .isSorted();
        } finally {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
