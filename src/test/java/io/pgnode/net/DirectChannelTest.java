package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On real sockets: everything that is sent arrives once, in order, by whichever way. */
class DirectChannelTest {
    private static final int BULK = 5_000_000;

    private final EventLoops loops = new EventLoops("direct", 1);

    @AfterEach
    void stop() {
        loops.close();
    }

    /** Counts what comes, by the short way and by the pipeline. */
    private static class Receiver extends Inlet {
        final CompletableFuture<Channel> opened = new CompletableFuture<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        final List<Throwable> failures = new ArrayList<>();
        final CRC32 sum = new CRC32();
        final AtomicLong direct = new AtomicLong();
        final AtomicLong usual = new AtomicLong();
        final AtomicLong batches = new AtomicLong();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            new Outlet(context.channel()).begin(this);
            opened.complete(context.channel());
        }

        @Override
        protected void received(Chunk chunk) {
            direct.addAndGet(chunk.length());
            sum.update(chunk.bytes().nioBuffer());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buffer = (ByteBuf) message;
            usual.addAndGet(buffer.readableBytes());
            sum.update(buffer.nioBuffer());
            buffer.release();
        }

        @Override
        protected void receivedAll() {
            batches.incrementAndGet();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.complete(null);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failures.add(cause);
        }

        long all() {
            return direct.get() + usual.get();
        }
    }

    private InetSocketAddress listen(ChannelHandler handler) throws InterruptedException {
        return (InetSocketAddress)
                listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), handler)
                        .localAddress();
    }

    private Channel listen(SocketAddress address, ChannelHandler handler)
            throws InterruptedException {
        return Sockets.listenDirect(loops, address, _ -> handler, ListenOptions.PLAIN)
                .sync()
                .channel();
    }

    private static Socket connect(InetSocketAddress to) throws IOException {
        return new Socket(to.getAddress(), to.getPort());
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static long sum(byte[]... parts) {
        CRC32 sum = new CRC32();
        for (byte[] part : parts) {
            sum.update(part);
        }
        return sum.getValue();
    }

    private static void awaitAll(Receiver receiver, long count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> receiver.all() >= count);
        assertThat(receiver.all()).isEqualTo(count);
    }

    @Test
    void whatComesIsHandedOverPastThePipeline() throws Exception {
        Receiver receiver = new Receiver();
        byte[] small = random(100);
        byte[] bulk = random(BULK);
        try (Socket client = connect(listen(receiver))) {
            OutputStream out = client.getOutputStream();
            out.write(small);
            awaitAll(receiver, small.length);
            await().until(() -> receiver.batches.get() > 0);
            out.write(bulk);
            awaitAll(receiver, small.length + bulk.length);
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.sum.getValue()).isEqualTo(sum(small, bulk));
        assertThat(receiver.direct).hasValue(small.length + bulk.length);
        assertThat(receiver.failures).isEmpty();
    }

    @Test
    void whoSaysAllAtOnceAndGoesIsHeardToTheEnd() throws Exception {
        Receiver receiver = new Receiver();
        byte[] bulk = random(BULK);
        try (Socket client = connect(listen(receiver))) {
            client.getOutputStream().write(bulk);
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.sum.getValue()).isEqualTo(sum(bulk));
        assertThat(receiver.all()).isEqualTo(bulk.length);
    }

    @Test
    void whoStopsReadingGetsTheRestLater() throws Exception {
        Receiver receiver =
                new Receiver() {
                    @Override
                    protected void received(Chunk chunk) {
                        super.received(chunk);
                        opened.join().config().setAutoRead(false);
                    }
                };
        byte[] bulk = random(BULK);
        try (Socket client = connect(listen(receiver))) {
            Thread writer = Thread.ofVirtual().start(() -> write(client, bulk));
            Channel channel = receiver.opened.get(10, TimeUnit.SECONDS);
            await().until(() -> receiver.direct.get() > 0);
            while (receiver.all() < bulk.length) {
                long before = receiver.all();
                channel.config().setAutoRead(true);
                await().atMost(Duration.ofSeconds(10)).until(() -> receiver.all() > before);
            }
            writer.join();
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.sum.getValue()).isEqualTo(sum(bulk));
        assertThat(receiver.batches.get()).as("one buffer each time").isGreaterThan(BULK / 70_000);
    }

    /** The end came while nothing was read, and is not told again. */
    @Test
    void whoLeavesWhileNobodyReadsIsMissedLater(@TempDir Path directory) throws Exception {
        Receiver receiver = new Receiver();
        Path path = directory.resolve("socket");
        listen(new DomainSocketAddress(path.toString()), receiver);
        byte[] moreThanOneBuffer = random(100_000);
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            Channel channel = receiver.opened.get(10, TimeUnit.SECONDS);
            channel.eventLoop().submit(() -> channel.config().setAutoRead(false)).sync();
            client.write(ByteBuffer.wrap(moreThanOneBuffer));
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> receiver.all() > 0);
        receiver.opened.join().config().setAutoRead(true);

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.sum.getValue()).isEqualTo(sum(moreThanOneBuffer));
    }

    private static void write(Socket client, byte[] bytes) {
        try {
            client.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aChunkThatIsKeptIsNotWrittenToAgain() throws Exception {
        List<Chunk> kept = new ArrayList<>();
        Receiver receiver =
                new Receiver() {
                    @Override
                    protected void received(Chunk chunk) {
                        kept.add(chunk.retain());
                        super.received(chunk);
                    }
                };
        try (Socket client = connect(listen(receiver))) {
            for (int i = 0; i < 5; i++) {
                client.getOutputStream().write(new byte[] {(byte) i, (byte) i});
                awaitAll(receiver, 2L * (i + 1));
            }
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        for (int i = 0; i < kept.size(); i++) {
            assertThat(kept.get(i).at(0)).isEqualTo((byte) i);
            kept.get(i).release();
        }
        assertThat(kept).hasSize(5);
    }

    @Test
    void aResetIsAnErrorAndTheEnd() throws Exception {
        Receiver receiver = new Receiver();
        try (Socket client = connect(listen(receiver))) {
            client.getOutputStream().write(1);
            awaitAll(receiver, 1);
            client.setSoLinger(true, 0);
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.failures).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aFailureOfTheReceiverIsItsOwn() throws Exception {
        Receiver receiver =
                new Receiver() {
                    @Override
                    protected void received(Chunk chunk) {
                        boolean isFirst = direct.get() == 0;
                        super.received(chunk);
                        if (isFirst) {
                            throw new IllegalStateException("broken");
                        }
                    }
                };
        try (Socket client = connect(listen(receiver))) {
            client.getOutputStream().write(1);
            awaitAll(receiver, 1);
            client.getOutputStream().write(1);
            awaitAll(receiver, 2);
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.failures).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSocketThatIsNotThereIsNamed(@TempDir Path directory) throws Exception {
        SocketAddress nowhere = new DomainSocketAddress(directory.resolve("none").toString());
        ChannelFuture failed =
                Sockets.connectDirect(
                                loops.loop(0), nowhere, Duration.ofSeconds(10), new Receiver())
                        .await();

        assertThat(failed.isSuccess()).isFalse();
        assertThat(Sockets.reason(nowhere, failed.cause()))
                .startsWith("No such file or directory")
                .contains(nowhere.toString());
    }

    @Test
    void unixSocketsAreTheSame(@TempDir Path directory) throws Exception {
        Receiver receiver = new Receiver();
        Path path = directory.resolve("socket");
        listen(new DomainSocketAddress(path.toString()), receiver);
        byte[] bulk = random(BULK);
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            ByteBuffer rest = ByteBuffer.wrap(bulk);
            while (rest.hasRemaining()) {
                client.write(rest);
            }
            Channel channel = receiver.opened.get(10, TimeUnit.SECONDS);
            assertThat(channel.localAddress()).isEqualTo(new DomainSocketAddress(path.toString()));
            awaitAll(receiver, bulk.length);
        }

        receiver.closed.get(10, TimeUnit.SECONDS);
        assertThat(receiver.sum.getValue()).isEqualTo(sum(bulk));
    }

    @Test
    void whoConnectsReadsTheSameWay() throws Exception {
        byte[] bulk = random(BULK);
        InetSocketAddress address =
                listen(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelActive(ChannelHandlerContext context) {
                                var _ =
                                        context.writeAndFlush(
                                                context.alloc()
                                                        .buffer(bulk.length)
                                                        .writeBytes(bulk));
                            }
                        });
        Receiver receiver = new Receiver();
        @Nullable Channel connected =
                Sockets.connectDirect(loops.loop(0), address, Duration.ofSeconds(10), receiver)
                        .sync()
                        .channel();

        awaitAll(receiver, bulk.length);
        assertThat(connected.remoteAddress()).isEqualTo(address);
        assertThat(connected.localAddress()).isInstanceOf(InetSocketAddress.class);
        assertThat(receiver.direct.get()).isPositive();
        connected.close().sync();
        assertThat(receiver.sum.getValue()).isEqualTo(sum(bulk));
    }
}
