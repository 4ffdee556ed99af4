package io.pgnode.feed;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HoldSocketTest {
    private static final HoldRequest REQUEST =
            new HoldRequest("switchover", HoldScope.PRIMARY, 7, Duration.ofSeconds(30));

    @TempDir Path directory;
    private final FakeDesk desk = new FakeDesk();
    private List<String> wrong = List.of();
    private HoldServer server = unset();
    private HoldClient client = new HoldClient(Path.of("/nowhere"));

    @SuppressWarnings("NullAway") // set before each test
    private static HoldServer unset() {
        return null;
    }

    @BeforeEach
    void open() throws IOException {
        server = new HoldServer(socket(), desk, () -> wrong);
        server.start();
        client = new HoldClient(socket());
    }

    @Test
    void aReloadTellsAllThatIsWrong() {
        client.reload().join();
        wrong = List.of("one is wrong", "two as well");

        assertThatThrownBy(() -> client.reload().join())
                .hasCauseInstanceOf(HoldClient.Refused.class)
                .cause()
                .extracting("why")
                .isEqualTo("one is wrong\ntwo as well");
    }

    @Test
    void aLinkLeadsToTheNewestServer() throws Exception {
        Path link = directory.resolve("newest.sock");
        server.linkedAs(link);
        HoldClient newest = new HoldClient(link);
        newest.reload().join();
        try (HoldServer next =
                new HoldServer(directory.resolve("next.sock"), desk, () -> List.of("the next"))) {
            next.start();
            next.linkedAs(link);
            assertThatThrownBy(() -> newest.reload().join()).hasMessageContaining("the next");
        }
        newest.reload().join();
        try (HoldServer next =
                new HoldServer(directory.resolve("next.sock"), desk, () -> List.of("the next"))) {
            next.start();
            next.linkedAs(link);
            server.close();
            assertThatThrownBy(() -> newest.reload().join()).hasMessageContaining("the next");
        }
        assertThat(link).doesNotExist();
    }

    @Test
    void aHoldCountsForTheServersBefore() throws Exception {
        FakeDesk before = new FakeDesk();
        Path socket = directory.resolve("before.sock");
        Path gone = directory.resolve("gone.sock");
        try (HoldServer earlier = new HoldServer(socket, before, () -> List.of())) {
            earlier.start();
            HoldRelay relay = new HoldRelay(desk, () -> List.of(socket, gone));

            assertThat(relay.hold(REQUEST).join()).isEqualTo(new HoldStatus(true, 4, 6));
            assertThat(before.asked).contains(REQUEST.toString());
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Path socket() {
        return directory.resolve("gateway.sock");
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket()));
        return channel;
    }

    /** Empty at the end; a server that has not read everything ends with a reset. */
    private static String readLine(SocketChannel channel) throws IOException {
        List<String> lines = new ArrayList<>();
        LineInput input = new LineInput(4096);
        try {
            while (lines.isEmpty()) {
                if (!input.readFrom(channel, lines::add)) {
                    return "";
                }
            }
        } catch (SocketException e) {
            return "";
        }
        return lines.getFirst();
    }

    private static void write(SocketChannel channel, String line) throws IOException {
        channel.write(ByteBuffer.wrap(LineOutput.bytes(line)));
    }

    @Test
    void callsArriveAndAreAnswered() {
        assertThat(client.hold(REQUEST).join()).isEqualTo(new HoldStatus(true, 2, 3));
        assertThat(client.status(HoldScope.PRIMARY)).isEqualTo(new HoldStatus(true, 2, 3));
        assertThat(client.ask(HoldScope.LOCAL).join()).isEqualTo(new HoldStatus(true, 2, 3));
        assertThat(client.releaseAndAsk("switchover", HoldScope.PRIMARY).join())
                .isEqualTo(new HoldStatus(false, 0, 0));
        client.release("operator", HoldScope.LOCAL);

        await().until(() -> desk.asked.contains("release operator LOCAL"));
        assertThat(desk.asked).startsWith(REQUEST.toString(), "release switchover PRIMARY");
    }

    @Test
    void whoWaitsForOpenTransactionsKeepsNobodyFromAsking() {
        CompletableFuture<HoldStatus> drained =
                client.drained(HoldScope.LOCAL, Duration.ofSeconds(5));
        await().until(() -> desk.asked.contains("drained LOCAL PT5S"));

        assertThat(client.hold(REQUEST).join().isHeld()).isTrue();
        assertThat(drained).isNotDone();
        desk.drained
                .computeIfAbsent(HoldScope.LOCAL, key -> new CompletableFuture<>())
                .complete(new HoldStatus(true, 0, 8));
        assertThat(drained.join()).isEqualTo(new HoldStatus(true, 0, 8));
    }

    @Test
    void answersOfOneConnectionComeAsTheyAreReady() throws IOException {
        try (SocketChannel channel = connect()) {
            write(
                    channel,
                    """
                    {"id": 1, "call": "drained", "scope": "local", "limit_ms": 5000}
                    {"id": 2, "call": "status", "scope": "local"}""");
            assertThat(readLine(channel))
                    .isEqualTo("{\"id\":2,\"held\":true,\"open\":2,\"waiting\":3}");
            desk.drained
                    .computeIfAbsent(HoldScope.LOCAL, key -> new CompletableFuture<>())
                    .complete(new HoldStatus(true, 0, 8));
            assertThat(readLine(channel))
                    .isEqualTo("{\"id\":1,\"held\":true,\"open\":0,\"waiting\":8}");
        }
    }

    @Test
    void aGatewayThatDoesNotRunIsToldAtOnce() {
        server.close();
        long begun = System.nanoTime();

        assertThatThrownBy(() -> client.hold(REQUEST).join())
                .hasRootCauseInstanceOf(IOException.class)
                .hasMessageContaining("the gateway does not run");
        assertThat(System.nanoTime() - begun).isLessThan(SECONDS.toNanos(1));
    }

    @Test
    void aGatewayThatDoesNotAnswerIsGivenUp() throws IOException {
        Path stopped = directory.resolve("stopped.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(stopped));
            HoldClient other = new HoldClient(stopped);

            assertThatThrownBy(() -> other.hold(REQUEST).join())
                    .hasMessageContaining("the gateway did not answer within 1000 ms");
            assertThatThrownBy(() -> other.drained(HoldScope.LOCAL, Duration.ofMillis(100)).join())
                    .hasMessageContaining("the gateway did not answer within 1100 ms");
        }
    }

    @Test
    void whatTheDeskRefusesIsExplained() {
        desk.held = CompletableFuture.failedFuture(new IllegalStateException("too late"));

        assertThatThrownBy(() -> client.hold(REQUEST).join())
                .hasMessageContaining("the gateway refused: too late");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "[]",
                "{}",
                "{\"id\": 1, \"call\": \"explode\"}",
                "{\"id\": 1, \"call\": \"status\", \"scope\": \"all\"}",
                "{\"id\": 1, \"call\": \"release\", \"scope\": \"local\", \"owner\": \"\"}",
                "{\"id\": 1, \"call\": \"hold\", \"scope\": \"local\", \"owner\": \"a\"}",
                "{\"id\": 1, \"call\": \"hold\", \"scope\": \"local\", \"owner\": \"a\","
                        + " \"epoch\": 1, \"limit_ms\": -1}",
                "{\"id\": 1e99, \"call\": \"status\", \"scope\": \"local\"}"
            })
    void nonsenseIsRefusedAndTheConnectionGoesOn(String line) throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, line);
            assertThat(readLine(channel)).contains("\"error\"");
            write(channel, "{\"id\": 9, \"call\": \"status\", \"scope\": \"local\"}");
            assertThat(readLine(channel)).contains("\"id\":9");
        }
        assertThat(desk.asked).isEmpty();
    }

    @Test
    void anEndlessLineEndsItsOwnConnectionAlone() throws IOException {
        try (SocketChannel channel = connect();
                SocketChannel other = connect()) {
            channel.write(ByteBuffer.allocate(HoldCodec.MAX_LINE_BYTES + 1));
            assertThat(readLine(channel)).isEmpty();
            write(other, "{\"id\": 9, \"call\": \"status\", \"scope\": \"local\"}");
            assertThat(readLine(other)).contains("\"id\":9");
        }
    }

    @Test
    void aClientWithTooManyCallsIsLost() throws IOException {
        try (SocketChannel channel = connect()) {
            String call =
                    "{\"id\": 1, \"call\": \"drained\", \"scope\": \"local\", \"limit_ms\": 1}";
            for (int i = 0; i <= HoldServer.MAX_CALLS; i++) {
                write(channel, call);
            }
            assertThat(readLine(channel)).isEmpty();
        }
        assertThat(client.ask(HoldScope.LOCAL).join().isHeld()).isTrue();
    }

    @Test
    void theSocketIsOursAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-------");
    }
}
