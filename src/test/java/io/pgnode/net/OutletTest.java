package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On real sockets: what is read at the other end, in its order. */
class OutletTest {
    private final EventLoops loops = new EventLoops("outlet", 1);

    @AfterEach
    void stop() {
        loops.close();
    }

    private static final class Ignoring extends Inlet {
        @Override
        protected void received(Chunk chunk) {}

        @Override
        protected void receivedAll() {}
    }

    private String received(BiConsumer<Channel, Outlet> writes) throws Exception {
        return new String(receivedBytes(writes), StandardCharsets.US_ASCII);
    }

    /** Begins to read only after everything was written. */
    private byte[] receivedBytes(BiConsumer<Channel, Outlet> writes) throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        Channel listener =
                Sockets.listenDirect(
                                loops,
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                                loop ->
                                        new ChannelInboundHandlerAdapter() {
                                            @Override
                                            public void channelActive(ChannelHandlerContext at) {
                                                Outlet outlet = new Outlet(at.channel());
                                                outlet.begin(new Ignoring());
                                                writes.accept(at.channel(), outlet);
                                                written.complete(null);
                                            }
                                        },
                                ListenOptions.PLAIN)
                        .sync()
                        .channel();
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.setSoTimeout(10_000);
            written.get(10, TimeUnit.SECONDS);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            InputStream in = client.getInputStream();
            in.transferTo(all);
            return all.toByteArray();
        }
    }

    private static ByteBuf text(Channel channel, String text) {
        ByteBuf buffer = channel.alloc().directBuffer();
        buffer.writeCharSequence(text, StandardCharsets.US_ASCII);
        return buffer;
    }

    private static void end(Channel channel) {
        var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> channel.close());
    }

    @Test
    void oneBufferGoesOut() throws Exception {
        String all =
                received(
                        (channel, outlet) -> {
                            outlet.write(text(channel, "one"));
                            outlet.flush();
                            end(channel);
                        });

        assertThat(all).isEqualTo("one");
    }

    @Test
    void buffersOfOneBatchKeepTheirOrder() throws Exception {
        String all =
                received(
                        (channel, outlet) -> {
                            outlet.write(text(channel, "one "));
                            outlet.write(text(channel, "two "));
                            outlet.write(text(channel, "three "));
                            outlet.flush();
                            outlet.write(text(channel, "four"));
                            outlet.flush();
                            end(channel);
                        });

        assertThat(all).isEqualTo("one two three four");
    }

    @Test
    void runsOfOneChunkGoOutTogetherOrApart() throws Exception {
        String all =
                received(
                        (channel, outlet) -> {
                            Chunk chunk = Chunk.of(text(channel, "one-two-three"));
                            outlet.write(chunk, 0, 3);
                            outlet.write(chunk, 3, 7);
                            outlet.write(chunk, 8, 13);
                            outlet.write(chunk, 0, 4);
                            outlet.flush();
                            chunk.release();
                            end(channel);
                        });

        assertThat(all).isEqualTo("one-twothreeone-");
    }

    @Test
    void whatOthersWriteStaysBehindWhatIsKept() throws Exception {
        String all =
                received(
                        (channel, outlet) -> {
                            outlet.write(text(channel, "kept "));
                            var _ = channel.write(text(channel, "other "));
                            outlet.write(text(channel, "last "));
                            channel.flush();
                            outlet.write(text(channel, "kept again "));
                            channel.flush();
                            outlet.write(text(channel, "end"));
                            end(channel);
                        });

        assertThat(all).isEqualTo("kept other last kept again end");
    }

    @Test
    void whatTheKernelDoesNotTakeFollowsInItsOrder() throws Exception {
        int size = 4_000_000;
        byte[] all =
                receivedBytes(
                        (channel, outlet) -> {
                            for (int round = 0; round < 4; round++) {
                                ByteBuf large = channel.alloc().directBuffer(size);
                                for (int i = 0; i < size; i++) {
                                    large.writeByte(round * 31 + i);
                                }
                                outlet.write(large);
                                outlet.flush();
                            }
                            end(channel);
                        });

        assertThat(all).hasSize(4 * size);
        for (int i = 0; i < all.length; i++) {
            if (all[i] != (byte) (i / size * 31 + i % size)) {
                throw new AssertionError("byte " + i + " is wrong");
            }
        }
    }

    @Test
    void aClosedChannelReleasesWhatIsKept() throws Exception {
        CompletableFuture<ByteBuf> kept = new CompletableFuture<>();
        String all =
                received(
                        (channel, outlet) -> {
                            ByteBuf buffer = text(channel, "never");
                            outlet.write(buffer);
                            kept.complete(buffer);
                            var _ = channel.close();
                        });

        assertThat(all).isEmpty();
        await().untilAsserted(() -> assertThat(kept.get().refCnt()).isZero());
    }

    /** The kernel gives the lowest free number to the next descriptor. */
    @Test
    void whatIsKeptWhenAConnectionClosesGoesToNobody() throws Exception {
        try (ServerSocketChannel others = ServerSocketChannel.open()) {
            others.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            CompletableFuture<List<SocketChannel>> next = new CompletableFuture<>();
            String all =
                    received(
                            (channel, outlet) -> {
                                outlet.write(text(channel, "kept"));
                                var _ = channel.close();
                                next.completeAsync(() -> pairs(others), Runnable::run);
                                outlet.flush();
                                outlet.write(text(channel, "later"));
                                outlet.flush();
                            });

            assertThat(all).isEmpty();
            for (SocketChannel one : next.get(10, TimeUnit.SECONDS)) {
                one.configureBlocking(false);
                assertThat(one.read(ByteBuffer.allocate(16))).isZero();
            }
            for (SocketChannel one : next.join()) {
                one.close();
            }
        }
    }

    private static List<SocketChannel> pairs(ServerSocketChannel listener) {
        List<SocketChannel> all = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                all.add(SocketChannel.open(listener.getLocalAddress()));
                all.add(listener.accept());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
