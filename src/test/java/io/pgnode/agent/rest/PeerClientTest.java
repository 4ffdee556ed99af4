package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.agent.Operations.FailsafeAnswer;
import io.pgnode.agent.rest.RestSettings.ServerTokens;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.metrics.MetricRegistry;
import io.pgnode.model.Lsn;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerClientTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Credentials ADMIN = new Credentials("admin", "secret");

    private static Vertx vertx;

    private final FakeOperations operations = new FakeOperations();
    private RestServer server;
    private PeerClient client;
    private String url;

    @BeforeAll
    static void startVertx() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    }

    @AfterAll
    static void stopVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void start() {
        server =
                new RestServer(
                        vertx,
                        new RestSettings(
                                "127.0.0.1",
                                0,
                                ADMIN,
                                null,
                                List.of(),
                                false,
                                ServerTokens.VERSION,
                                Map.of()),
                        operations,
                        "pgnode-0.1.0",
                        new MetricRegistry(),
                        () -> TestNode.NOW,
                        InstantSource.system(),
                        Thread::startVirtualThread);
        url = "http://127.0.0.1:" + server.start().join().port() + "/patroni";
        client = new PeerClient(vertx, new RestClientSettings(ADMIN, "", "", "", false));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close().join();
    }

    @Test
    void asksAMemberForItsStatus() {
        operations.snapshot = TestNode.replica().snapshot();
        PeerAnswer answer = client.status(TestNode.SELF, url, LIMIT).join();
        assertThat(answer.reachable()).isTrue();
        assertThat(answer.inRecovery()).isTrue();
        assertThat(answer.isPgnode()).isTrue();
        assertThat(client.status(TestNode.OTHER, url, LIMIT).join().reachable()).isFalse();
    }

    @Test
    void asksForFailsafe() {
        operations.failsafe =
                new FailsafeAnswer(Duration.ofSeconds(5), 200, "Accepted", new Lsn(123));
        RestAnswer yes = client.failsafe(url, LIMIT, "{\"name\": \"pg-test-2\"}").join();
        assertThat(yes.isSuccess()).isTrue();
        assertThat(yes.headers()).containsEntry("lsn", "123").containsEntry("promise-ms", "5000");
        operations.failsafe =
                new FailsafeAnswer(Duration.ZERO, 500, "Running as a leader", Lsn.NONE);
        RestAnswer no = client.failsafe(url, LIMIT, "{\"name\": \"pg-test-2\"}").join();
        assertThat(no.status()).isEqualTo(500);
        assertThat(no.text()).isEqualTo("Running as a leader");
    }

    @Test
    void asksAMemberToHoldItsClientsAndToLetThemGo() {
        HoldRequest request =
                new HoldRequest("switchover", HoldScope.PRIMARY, 7, Duration.ofSeconds(30));
        assertThat(client.hold(url, LIMIT, request).join().status()).isEqualTo(200);
        assertThat(client.release(url, LIMIT, "switchover", HoldScope.PRIMARY).join().status())
                .isEqualTo(200);
        assertThat(operations.asked)
                .containsExactly(request.toString(), "release switchover PRIMARY");
        operations.asked.clear();
        try (PeerClient stranger = new PeerClient(vertx, RestClientSettings.PLAIN)) {
            assertThat(stranger.hold(url, LIMIT, request).join().status()).isEqualTo(401);
        }
        assertThat(operations.asked).isEmpty();
    }

    @Test
    void sendsRequestsOfTheCommandLine() {
        RestAnswer answer = client.send("PATCH", url, "/config", "{\"pause\": true}", LIMIT).join();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(operations.asked).containsExactly("patch {\"pause\": true}");
        try (PeerClient stranger = new PeerClient(vertx, RestClientSettings.PLAIN)) {
            RestAnswer refused = stranger.send("POST", url, "/restart", null, LIMIT).join();
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.hint())
                    .isEqualTo(
                            "HINT: set restapi.username and restapi.password to those of the"
                                    + " member");
        }
    }

    @Test
    void answersAtOnceWhenNobodyListens() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        String nowhere = "http://127.0.0.1:" + closed + "/patroni";
        long started = System.nanoTime();
        assertThat(client.status(TestNode.SELF, nowhere, LIMIT).join().reachable()).isFalse();
        assertThat(System.nanoTime() - started).isLessThan(Duration.ofSeconds(2).toNanos());
        assertThat(failure(nowhere, LIMIT))
                .isEqualTo(
                        "no answer from the REST API at http://127.0.0.1:"
                                + closed
                                + ": connection refused\n"
                                + "HINT: check that the agent runs there: systemctl status pgnode");
    }

    @Test
    void endsAtItsTimeoutWhenAMemberHangs() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertEndsAtTimeout("http://127.0.0.1:" + silent.getLocalPort());
        }
    }

    @Test
    void endsAtItsTimeoutWhenAHostIsDead() throws IOException {
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 8; i++) { // a full backlog drops further connections like a cut
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(
                        new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), full.getLocalPort()));
                waiting.add(channel);
            }
            assertEndsAtTimeout("http://127.0.0.1:" + full.getLocalPort());
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
    }

    private void assertEndsAtTimeout(String where) {
        long started = System.nanoTime();
        PeerAnswer answer = client.status(TestNode.SELF, where, Duration.ofMillis(300)).join();
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        assertThat(answer).isEqualTo(PeerAnswer.unreachable(TestNode.SELF));
        assertThat(took).isBetween(Duration.ofMillis(295), Duration.ofMillis(1500));
        assertThat(failure(where, Duration.ofMillis(100)))
                .startsWith(
                        "no answer from the REST API at "
                                + where
                                + ": timed out after 100 ms\nHINT: ");
    }

    @Test
    void sendsAgainWhenAKeptConnectionWasClosed() throws IOException {
        AtomicInteger served = new AtomicInteger();
        String body = "{\"state\": \"running\", \"role\": \"replica\"}";
        String response = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(
                    () -> {
                        while (!listener.isClosed()) {
                            Socket socket;
                            try {
                                socket = listener.accept();
                            } catch (IOException e) {
                                return; // the test is over
                            }
                            Thread.startVirtualThread(
                                    () -> serveOneOfTwo(socket, response, served));
                        }
                    });
            String where = "http://127.0.0.1:" + listener.getLocalPort();
            for (int i = 0; i < 3; i++) {
                assertThat(client.status(TestNode.SELF, where, LIMIT).join().reachable())
                        .as("request %d", i)
                        .isTrue();
            }
        }
        assertThat(served.get()).isEqualTo(3);
    }

    /** Answers the first request of a connection and hangs up on the second one. */
    private static void serveOneOfTwo(Socket accepted, String response, AtomicInteger served) {
        try (Socket socket = accepted) {
            byte[] buffer = new byte[4096];
            if (socket.getInputStream().read(buffer) > 0) {
                served.incrementAndGet();
                socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
            }
            int ignored = socket.getInputStream().read(buffer);
            assertThat(ignored).isGreaterThanOrEqualTo(-1);
        } catch (IOException e) {
            // The client has closed.
        }
    }

    @Test
    void explainsAddressesThatCannotBe() {
        assertThat(failure("nonsense", LIMIT))
                .isEqualTo(
                        "REST API address must look like http://10.0.0.1:8008, was \"nonsense\"");
        assertThat(failure("ftp://x", LIMIT)).contains("was \"ftp://x\"");
        assertThat(client.status(TestNode.SELF, "", LIMIT).join().reachable()).isFalse();
        assertThat(failure("http://no-such-host.invalid:8008", LIMIT))
                .contains("the host name does not resolve");
    }

    @Test
    void saysWhenOnlyTheClientSpeaksTls() {
        assertThat(failure(url.replace("http", "https"), LIMIT)).contains("HINT: ");
    }

    private String failure(String where, Duration timeout) {
        try {
            return "answered "
                    + client.send("GET", where, "/patroni", null, timeout).join().status();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            assertThat(cause).isInstanceOf(RestClientException.class);
            return cause == null ? "" : String.valueOf(cause.getMessage());
        }
    }
}
