package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One direction between real sockets, which passes on what it reads and splices what is large. */
class SpliceTest {
    private static final int BULK = 50_000_000;
    private static final int LIMIT_SECONDS = 20;

    private final EventLoops loops = new EventLoops("splice", 1);
    private final Source source = new Source();
    private final Socket client;
    private final Socket reader;

    SpliceTest() throws Exception {
        Channel listener =
                Sockets.listenDirect(
                                loops,
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                                _ -> source,
                                false)
                        .sync()
                        .channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        try (ServerSocket sink = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            client = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
            Channel from = source.opened.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            Channel to =
                    Sockets.connectDirect(
                                    from.eventLoop(),
                                    new InetSocketAddress(
                                            sink.getInetAddress(), sink.getLocalPort()),
                                    Duration.ofSeconds(LIMIT_SECONDS),
                                    new Target(from))
                            .sync()
                            .channel();
            reader = sink.accept();
            from.eventLoop().submit(() -> source.connect(from, to)).sync();
        }
    }

    @BeforeEach
    void limit() throws IOException {
        reader.setSoTimeout(LIMIT_SECONDS * 1000);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        reader.close();
        loops.close();
    }

    private static final class Source extends Inlet {
        final CompletableFuture<Channel> opened = new CompletableFuture<>();
        final AtomicLong read = new AtomicLong();
        final AtomicLong spliced = new AtomicLong();
        private final CompletableFuture<Way> way = new CompletableFuture<>();

        private record Way(Channel from, Channel to, Outlet out) {}

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(false);
            opened.complete(context.channel());
        }

        void connect(Channel here, Channel there) {
            Outlet out = new Outlet(there);
            way.complete(new Way(here, there, out));
            Outlet back = new Outlet(here);
            back.begin(this);
            out.begin((Inlet) there.pipeline().last());
            back.spliceTo(out);
            here.config().setAutoRead(true);
        }

        @Override
        protected void received(Chunk chunk) {
            read.addAndGet(chunk.length());
            way.join().out().write(chunk, chunk.from(), chunk.to());
        }

        @Override
        protected void passed(int bytes) {
            spliced.addAndGet(bytes);
        }

        @Override
        protected void receivedAll() {
            way.join().out().flush();
            if (!way.join().out().isWritable()) {
                way.join().from().config().setAutoRead(false);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            Channel to = way.join().to();
            var _ = to.writeAndFlush(to.alloc().buffer(0)).addListener(_ -> to.close());
        }

        long all() {
            return read.get() + spliced.get();
        }
    }

    private static final class Target extends Inlet {
        private final Channel from;

        Target(Channel from) {
            this.from = from;
        }

        @Override
        protected void received(Chunk chunk) {}

        @Override
        protected void receivedAll() {}

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                from.config().setAutoRead(true);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            from.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static long sum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    private CompletableFuture<Void> send(byte[] bytes) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        client.getOutputStream().write(bytes);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                work -> Thread.ofVirtual().start(work));
    }

    @Test
    void whatIsLargePassesInsideTheKernel() throws Exception {
        byte[] bulk = random(BULK);
        CompletableFuture<Void> sent = send(bulk);

        CRC32 sum = new CRC32();
        sum.update(reader.getInputStream().readNBytes(BULK));

        sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(sum.getValue()).isEqualTo(sum(bulk));
        assertThat(source.all()).isEqualTo(BULK);
        assertThat(source.spliced.get()).isGreaterThan(BULK / 4);
    }

    @Test
    void whoSendsAllAndGoesIsHeardToTheEnd() throws Exception {
        byte[] bulk = random(BULK);
        CompletableFuture<Void> sent = send(bulk).thenRun(this::closeClient);

        CRC32 sum = new CRC32();
        byte[] all = reader.getInputStream().readAllBytes();
        sum.update(all);

        sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(all).hasSize(BULK);
        assertThat(sum.getValue()).isEqualTo(sum(bulk));
    }

    private void closeClient() {
        try {
            client.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sizes around those of a pipe and of a buffer, and pauses of the reader. */
    @Test
    void largeAndSmallInTurnsKeepTheirOrder() throws Exception {
        Random random = new Random(7);
        byte[] all = random(BULK);
        CompletableFuture<Void> sent =
                CompletableFuture.runAsync(
                        () -> sendInPieces(all), work -> Thread.ofVirtual().start(work));
        InputStream in = reader.getInputStream();
        byte[] piece = new byte[300_000];
        int at = 0;
        while (at < BULK) {
            int read = in.read(piece, 0, 1 + random.nextInt(piece.length));
            for (int i = 0; i < read; i++) {
                if (piece[i] != all[at + i]) {
                    throw new AssertionError("byte " + (at + i) + " is wrong");
                }
            }
            at += read;
            if (random.nextInt(50) == 0) {
                Thread.sleep(5);
            }
        }

        sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(source.all()).isEqualTo(BULK);
        assertThat(source.read.get()).isPositive();
    }

    private void sendInPieces(byte[] all) {
        Random random = new Random(8);
        try {
            OutputStream out = client.getOutputStream();
            int at = 0;
            while (at < all.length) {
                int size =
                        random.nextInt(4) == 0 ? random.nextInt(2_000_000) : 1 + random.nextInt(50);
                int length = Math.min(size, all.length - at);
                out.write(all, at, length);
                at += length;
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSlowReaderHoldsTheSourceBack() throws Exception {
        byte[] bulk = random(BULK);
        CompletableFuture<Void> sent = send(bulk);
        long before = -1;
        while (source.all() != before) {
            before = source.all();
            Thread.sleep(200);
        }
        assertThat(before).isLessThan(BULK);

        CRC32 sum = new CRC32();
        sum.update(reader.getInputStream().readNBytes(BULK));
        sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(sum.getValue()).isEqualTo(sum(bulk));
    }

    @Test
    void aReaderThatGoesEndsTheSourceToo() throws Exception {
        CompletableFuture<Void> sent = send(random(BULK));
        var _ = reader.getInputStream().readNBytes(1_000_000);
        reader.setSoLinger(true, 0);
        reader.close();

        await().atMost(Duration.ofSeconds(LIMIT_SECONDS)).until(sent::isDone);
        assertThat(sent).isCompletedExceptionally();
        assertThat(source.opened.join().isActive()).isFalse();
    }
}
