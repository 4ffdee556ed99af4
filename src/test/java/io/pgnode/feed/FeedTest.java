package io.pgnode.feed;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.ClusterSnapshot;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FeedTest {
    @TempDir Path directory;
    private Path path = Path.of("unused");
    private final List<ClusterSnapshot> received = new CopyOnWriteArrayList<>();

    @BeforeEach
    void name() {
        path = directory.resolve("agent.sock");
    }

    private FeedServer server() throws IOException {
        FeedServer server = new FeedServer(path);
        server.start();
        return server;
    }

    private FeedClient client() throws IOException {
        FeedClient client = new FeedClient(path, received::add);
        client.start();
        return client;
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    private long lastRevision() {
        return received.isEmpty() ? 0 : received.getLast().view().revision();
    }

    @Test
    void aClientGetsTheLastSnapshotAtOnceAndThenEveryNewOneInOrder() throws IOException {
        try (FeedServer server = server()) {
            server.publish(Snapshots.of(1, 3));
            server.publish(Snapshots.of(2, 3));
            try (FeedClient client = client()) {
                await().until(() -> !received.isEmpty());
                assertThat(client.isConnected()).isTrue();
                assertThat(received.getFirst().view().revision()).isIn(1L, 2L);
                await().until(() -> lastRevision() == 2);
                received.clear();
                for (int i = 3; i <= 200; i++) {
                    ClusterSnapshot next = Snapshots.of(i, 3);
                    server.publish(next);
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> received.contains(next));
                }
                assertThat(received)
                        .extracting(snapshot -> snapshot.view().revision())
                        .isSorted()
                        .hasSize(198);
            }
        }
    }

    @Test
    void aClientThatTakesNothingDelaysNobodyAndHasTheNewestInTheEnd() throws IOException {
        try (FeedServer server = server();
                FeedClient _ = client();
                SocketChannel sleeper = connect()) {
            long begun = System.nanoTime();
            for (int i = 1; i <= 3000; i++) {
                server.publish(Snapshots.of(i, 20));
            }
            assertThat(System.nanoTime() - begun).isLessThan(SECONDS.toNanos(10));
            await().until(() -> lastRevision() == 3000);

            LineInput input = new LineInput(SnapshotCodec.MAX_LINE_BYTES);
            List<String> lines = new CopyOnWriteArrayList<>();
            SnapshotCodec codec = new SnapshotCodec();
            while (lines.isEmpty() || codec.decode(lines.getLast()).view().revision() != 3000) {
                assertThat(input.readFrom(sleeper, lines::add)).isTrue();
            }
            // What the socket had taken, and what the server keeps for one client.
            assertThat(lines).hasSizeLessThan(1000);
        }
    }

    @Test
    void findsTheNextAgentAndHearsNothingMeanwhile() throws IOException {
        try (FeedClient client = client()) {
            try (FeedServer first = server()) {
                first.publish(Snapshots.of(1, 3));
                await().until(() -> lastRevision() == 1);
            }
            await().until(() -> !client.isConnected());
            assertThat(received).hasSize(1);
            try (FeedServer second = server()) {
                second.publish(Snapshots.of(2, 3));
                await().until(() -> lastRevision() == 2);
            }
        }
    }

    @Test
    void nonsenseIsPassedOver() throws IOException {
        try (ServerSocketChannel fake = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            fake.bind(UnixDomainSocketAddress.of(path));
            try (FeedClient _ = client()) {
                try (SocketChannel agent = fake.accept()) {
                    String good = new SnapshotCodec().encode(Snapshots.of(5, 3));
                    byte[] bytes = LineOutput.bytes("{\"what\":\n\n" + good);
                    for (byte one : bytes) {
                        agent.write(ByteBuffer.wrap(new byte[] {one}));
                    }
                    await().until(() -> lastRevision() == 5);
                    ByteBuffer endless = ByteBuffer.allocate(1 << 16);
                    int written = 0;
                    try {
                        while (written < 2 * SnapshotCodec.MAX_LINE_BYTES) {
                            written += agent.write(endless.clear());
                        }
                    } catch (IOException e) {
                        assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
                    }
                    assertThat(written).isLessThan(2 * SnapshotCodec.MAX_LINE_BYTES);
                }
                // It connects anew.
                try (SocketChannel agent = fake.accept()) {
                    agent.write(
                            ByteBuffer.wrap(
                                    LineOutput.bytes(
                                            new SnapshotCodec().encode(Snapshots.of(6, 3)))));
                    await().until(() -> lastRevision() == 6);
                }
            }
        }
    }

    @Test
    void tooManyClientsAreRefused() throws IOException {
        try (FeedServer server = server()) {
            server.publish(Snapshots.of(1, 3));
            List<SocketChannel> open = new CopyOnWriteArrayList<>();
            for (int i = 0; i < FeedServer.MAX_CLIENTS; i++) {
                SocketChannel channel = connect();
                open.add(channel);
                assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(1);
            }
            try (SocketChannel refused = connect()) {
                assertThat(refused.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
            open.getFirst().close();
            try (FeedClient _ = client()) {
                await().until(() -> lastRevision() == 1);
            }
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
    }

    @Test
    void theSocketIsOursAloneAndASuccessorsStays() throws IOException {
        Files.writeString(path, "left behind");
        FeedServer first = server();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        try (FeedServer _ = server()) {
            first.close();
            assertThat(path).exists();
        }
        assertThat(path).doesNotExist();
    }
}
