package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many connections have something to read in one turn of a loop; on real sockets. */
class TurnTest {
    private static final int CLIENTS = 3 * Turn.MAX + 5;

    private final EventLoops loops = new EventLoops("turn", 1);

    private final AtomicInteger opened = new AtomicInteger();

    @AfterEach
    void stop() {
        loops.close();
    }

    private final class Echo extends Inlet {
        private final boolean isLeaving;
        private final boolean isBusy;
        private @Nullable Outlet outlet;
        private @Nullable Channel channel;

        Echo(boolean isLeaving, boolean isBusy) {
            this.isLeaving = isLeaving;
            this.isBusy = isBusy;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            outlet = new Outlet(channel);
            outlet.begin(this);
            opened.incrementAndGet();
        }

        @Override
        protected void received(Chunk chunk) {
            outlet().write(chunk, chunk.from(), chunk.to());
        }

        @Override
        protected void receivedAll() {
            outlet().flush();
            if (isBusy) {
                // A second run of another chunk, flushed in the same turn.
                Chunk more = Chunk.create(16);
                more.add(new byte[] {'!'});
                outlet().write(more, more.from(), more.to());
                more.release();
                outlet().flush();
            }
            if (isLeaving) {
                var _ = Objects.requireNonNull(channel).close();
            }
        }

        private Outlet outlet() {
            return Objects.requireNonNull(outlet);
        }
    }

    private List<String> echoed(boolean isLeaving, boolean isBusy) throws Exception {
        Channel listener =
                Sockets.listenDirect(
                                loops,
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                                _ -> new Echo(isLeaving, isBusy),
                                ListenOptions.PLAIN)
                        .sync()
                        .channel();
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket(address.getAddress(), address.getPort());
                client.setSoTimeout(10_000);
                clients.add(client);
            }
            await().until(() -> opened.get() == CLIENTS);
            CountDownLatch everybodyAsked = new CountDownLatch(1);
            loops.loop(0).execute(() -> awaitQuietly(everybodyAsked));
            for (int i = 0; i < CLIENTS; i++) {
                clients.get(i).getOutputStream().write(text(i).getBytes(StandardCharsets.UTF_8));
            }
            everybodyAsked.countDown();
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int length = text(i).length() + (isBusy ? 1 : 0);
                byte[] answer = clients.get(i).getInputStream().readNBytes(length);
                answers.add(new String(answer, StandardCharsets.UTF_8));
            }
            return answers;
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            var _ = latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(int client) {
        return "client " + client + " " + "x".repeat(client * 7);
    }

    private static List<String> texts(String end) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            all.add(text(i) + end);
        }
        return all;
    }

    @Test
    void eachGetsWhatIsForIt() throws Exception {
        assertThat(echoed(false, false)).isEqualTo(texts(""));
    }

    @Test
    void aSecondRunInTheSameTurnFollowsTheFirst() throws Exception {
        assertThat(echoed(false, true)).isEqualTo(texts("!"));
    }

    @Test
    void whoIsClosedInTheSameTurnGetsWhatWasFlushed() throws Exception {
        assertThat(echoed(true, false)).isEqualTo(texts(""));
    }

    /**
     * What is handed out is nobody else's until it is sent, also when somebody keeps one for long.
     */
    @Test
    void aChunkInUseIsNotHandedOutAgain() {
        Turn turn = new Turn();
        List<Chunk> kept = new ArrayList<>();
        for (int i = 0; i < Turn.MAX + 3; i++) {
            Chunk chunk = turn.take();
            assertThat(kept).doesNotContain(chunk);
            kept.add(chunk);
        }
        turn.run();
        Chunk next = turn.take();
        assertThat(kept).doesNotContain(next);

        next.release();
        assertThat(turn.take()).isSameAs(next);
        next.release();
        kept.forEach(Chunk::release);
        turn.end();
    }
}
