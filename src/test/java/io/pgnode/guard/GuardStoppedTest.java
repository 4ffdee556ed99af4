package io.pgnode.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardState;
import io.pgnode.os.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The guard's process is stopped for long at any of its looks at the clock, while the agent goes on
 * extending.
 */
class GuardStoppedTest {
    private static final long HOUR = 3600L * 1_000_000_000;

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void extensionsSentMeanwhileCountBeforeTheDeadlineIsJudged(int look) throws IOException {
        StoppingClock clock = new StoppingClock();
        Path socket = directory.resolve("guard.sock");
        AtomicInteger fences = new AtomicInteger();
        Fencer fencer =
                target -> {
                    fences.incrementAndGet();
                    return Fence.kill(target, java.time.Duration.ZERO);
                };
        try (GuardServer server = new GuardServer(socket, clock, fencer, new Deaf());
                SocketChannel agent = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            server.start();
            say(agent, "1 HELLO 4000000 1 test\n2 LEAD 7 " + HOUR + " 0 0\n");
            await().until(() -> server.state().phase() == GuardState.Phase.ARMED);

            clock.stopAt(look, () -> say(agent, "3 EXTEND 7 " + 3 * HOUR + "\n"));

            await().until(() -> server.state().deadlineNanos() == 3 * HOUR);
            assertThat(server.state().phase()).isEqualTo(GuardState.Phase.ARMED);
            assertThat(fences).hasValue(0);
        }
    }

    private static void say(SocketChannel agent, String text) {
        try {
            agent.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Two hours pass, and something else happens, before the look with the given number. */
    private static final class StoppingClock implements LongSupplier {
        private final AtomicLong now = new AtomicLong();
        private final AtomicInteger looks = new AtomicInteger(Integer.MAX_VALUE);
        private volatile Runnable meanwhile = () -> {};

        void stopAt(int look, Runnable what) {
            meanwhile = what;
            looks.set(look);
        }

        @Override
        public long getAsLong() {
            if (looks.decrementAndGet() == 0) {
                meanwhile.run();
                now.set(2 * HOUR);
            }
            return now.get();
        }
    }

    private static final class Deaf implements GuardListener {
        @Override
        public void agentConnected(ProcessIdentity agent, String version) {}

        @Override
        public void agentDisconnected(ProcessIdentity agent) {}

        @Override
        public void forSystemd(GuardMessage message) {}

        @Override
        public void fenced(long epoch, FenceReport report) {}
    }
}
