package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.DomainSocketAddress;
import io.pgnode.testing.Storm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generations of a server hand their listeners down, while clients keep coming. */
class HandOverTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir Path dir = Path.of("");

    /** Tells each client its own letter; then the client closes. */
    private static final class Generation implements AutoCloseable {
        final EventLoops loops = new EventLoops("generation", 2);
        final AtomicBoolean isOutlived = new AtomicBoolean();
        final AtomicInteger greeted = new AtomicInteger();
        final List<Channel> listeners = new ArrayList<>();
        private final char letter;
        private HandOverDesk desk;

        Generation(char letter, Path offers, List<SocketAddress> addresses) throws IOException {
            this.letter = letter;
            try (HandOverClaim claim = HandOverClaim.from(loops, offers, LIMIT).orElse(null)) {
                for (SocketAddress address : addresses) {
                    listeners.add(
                            Sockets.listen(loops, address, _ -> greeter())
                                    .syncUninterruptibly()
                                    .channel());
                }
                desk = HandOverDesk.open(loops, offers, () -> isOutlived.set(true));
                if (claim != null) {
                    claim.taken();
                }
            }
        }

        private ChannelHandler greeter() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    greeted.incrementAndGet();
                    ByteBuf out = context.alloc().buffer(1).writeByte(letter);
                    var _ = context.writeAndFlush(out);
                }
            };
        }

        int port() {
            return ((InetSocketAddress) listeners.getFirst().localAddress()).getPort();
        }

        @Override
        public void close() throws IOException {
            desk.close();
            listeners.forEach(loops.listeners()::close);
            loops.close();
        }
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** The letter of the generation that answers. */
    private static char greeting(SocketAddress address) throws IOException {
        boolean isUnix = address instanceof UnixDomainSocketAddress;
        try (SocketChannel client =
                SocketChannel.open(
                        isUnix ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET)) {
            client.connect(address);
            ByteBuffer letter = ByteBuffer.allocate(1);
            if (client.read(letter) != 1) {
                throw new IOException("closed without a word");
            }
            return (char) letter.get(0);
        }
    }

    @Test
    void noClientIsRefusedOrLost() throws Exception {
        Path offers = dir.resolve("next");
        Path socket = dir.resolve("socket");
        Generation first =
                new Generation(
                        'a', offers, List.of(at(0), new DomainSocketAddress(socket.toString())));
        int port = first.port();
        List<SocketAddress> same = List.of(at(port), new DomainSocketAddress(socket.toString()));
        try (Storm storm = new Storm()) {
            for (SocketAddress address : List.of(at(port), UnixDomainSocketAddress.of(socket))) {
                for (int i = 0; i < 2; i++) {
                    storm.add(address, () -> greeting(address));
                }
            }
            Generation now = first;
            for (char letter = 'b'; letter <= 'f'; letter++) {
                storm.awaitMore(200);
                Generation next = new Generation(letter, offers, same);
                Generation old = now;
                await().until(old.isOutlived::get);
                old.close();
                now = next;
            }
            storm.awaitMore(200);
            storm.end();

            assertThat(storm.failures()).isEmpty();
            assertThat(greeting(UnixDomainSocketAddress.of(socket))).isEqualTo('f');
            assertThat(greeting(at(port))).isEqualTo('f');
            now.close();
            assertThat(offers).doesNotExist();
        }
    }

    @Test
    void aSuccessorThatDiesChangesNothing() throws Exception {
        Path offers = dir.resolve("next");
        try (Generation only = new Generation('a', offers, List.of(at(0)));
                EventLoops loops = new EventLoops("successor", 1)) {
            try (HandOverClaim claim = HandOverClaim.from(loops, offers, LIMIT).orElseThrow()) {
                assertThat(claim).isNotNull();
                assertThat(loops.listeners().isInherited(at(only.port()))).isTrue();
            }
            assertThat(only.isOutlived).isFalse();
            for (int i = 0; i < 10; i++) {
                assertThat(greeting(at(only.port()))).isEqualTo('a');
            }
        }
    }

    @Test
    void whereNobodyOffersThereIsNothingToTake() throws Exception {
        try (EventLoops loops = new EventLoops("successor", 1)) {
            assertThat(HandOverClaim.from(loops, dir.resolve("next"), LIMIT)).isEmpty();
        }
    }
}
