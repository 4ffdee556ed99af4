package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.agent.AgentMetrics;
import io.pgnode.agent.Operations.Result;
import io.pgnode.agent.rest.RestSettings.ServerTokens;
import io.pgnode.metrics.MetricRegistry;
import io.pgnode.model.HostPort;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestServerTest {
    private static Vertx vertx;

    private final FakeOperations operations = new FakeOperations();
    private final MetricRegistry registry = new MetricRegistry();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler logHandler =
            new Handler() {
                @Override
                public void publish(LogRecord line) {
                    if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                        logged.add(line.getLoggerName() + ": " + line.getMessage());
                    }
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
    private RestServer server;
    private volatile @Nullable BackupStatus backups;
    private int port;

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
        Logger.getLogger("").addHandler(logHandler);
        server = newServer(RestSettings.plain("127.0.0.1", 0));
        port = server.start().join().port();
    }

    @AfterEach
    void stop() {
        server.close().join();
        Logger.getLogger("").removeHandler(logHandler);
    }

    private RestServer newServer(RestSettings settings) {
        return new RestServer(
                vertx,
                settings,
                operations,
                "pgnode-0.1.0",
                registry,
                () -> backups,
                () -> TestNode.NOW,
                InstantSource.system(),
                Thread::startVirtualThread);
    }

    private void use(RestSettings settings) {
        server.close().join();
        server = newServer(settings);
        port = server.start().join().port();
    }

    private RawHttp connect() throws IOException {
        return new RawHttp(port);
    }

    @Test
    void tellsOfBackupsWhereThereAreAny() throws IOException {
        try (RawHttp http = connect()) {
            String get = "GET /backup HTTP/1.1\r\nHost: x\r\n\r\n";
            assertThat(http.send(get).read().status()).isEqualTo(404);
            backups = new BackupStatus("main", null, null, List.of(), null);
            RawHttp.Response known = http.send(get).read();
            assertThat(known.status()).isEqualTo(200);
            assertThat(known.body()).startsWith("{\"stanza\": \"main\"");
            assertThat(http.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").read().body())
                    .contains("\npgnode_backup_running{scope=\"");
            // What contains the name of a check is one, as before.
            assertThat(http.send("GET /replica/backup HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
                    .isEqualTo(503);
        }
    }

    @Test
    void answersHaproxy() throws IOException {
        try (RawHttp http = connect()) {
            RawHttp.Response up = http.send("OPTIONS /primary HTTP/1.0\r\n\r\n").read(false);
            assertThat(up.status()).isEqualTo(200);
            assertThat(up.headers()).containsEntry("content-length", "0");
            assertThat(http.isClosed()).isTrue();
        }
        try (RawHttp http = connect()) {
            assertThat(http.send("OPTIONS /replica HTTP/1.0\r\n\r\n").read(false).status())
                    .isEqualTo(503);
        }
    }

    @Test
    void turnsDownThePrimaryAsSoonAsTheLeaseIsOver() throws IOException {
        try (RawHttp http = connect()) {
            String check = "HEAD /primary HTTP/1.1\r\nHost: x\r\n\r\n";
            assertThat(http.send(check).read(false).status()).isEqualTo(200);
            TestNode expired = TestNode.primary();
            expired.leaseRemainingNanos = 0;
            operations.snapshot = expired.snapshot();
            assertThat(http.send(check).read(false).status()).isEqualTo(503);
        }
    }

    @Test
    void keepsAConnectionForAllMethods() throws IOException {
        try (RawHttp http = connect()) {
            for (int i = 0; i < 3; i++) {
                RawHttp.Response get = http.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n").read();
                assertThat(get.status()).isEqualTo(200);
                assertThat(get.body()).startsWith("{\"state\": \"running\"");
                assertThat(get.headers())
                        .containsEntry("content-type", "application/json")
                        .containsEntry("server", "pgnode/0.1.0");
                RawHttp.Response head =
                        http.send("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n").read(false);
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.headers())
                        .containsEntry("content-length", "" + get.body().length());
                RawHttp.Response options =
                        http.send("OPTIONS /liveness HTTP/1.1\r\nHost: x\r\n\r\n").read(false);
                assertThat(options.status()).isEqualTo(200);
                assertThat(options.headers()).containsEntry("content-length", "0");
            }
            RawHttp.Response kept =
                    http.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read();
            assertThat(kept.headers()).containsEntry("connection", "keep-alive");
            assertThat(http.send("GET /replica HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
                    .isEqualTo(503);
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws IOException {
        CompletableFuture<Result> slow = new CompletableFuture<>();
        operations.answer = slow;
        try (RawHttp http = connect()) {
            http.send(
                    "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                            + "GET /primary HTTP/1.1\r\nHost: x\r\n\r\n"
                            + "GET /replica HTTP/1.1\r\nHost: x\r\n\r\n");
            Awaitility.await().until(() -> operations.asked.contains("reload"));
            slow.complete(new Result(202, "reload scheduled"));
            RawHttp.Response reload = http.read();
            assertThat(reload.status()).isEqualTo(202);
            assertThat(reload.body()).isEqualTo("reload scheduled");
            assertThat(http.read().status()).isEqualTo(200);
            assertThat(http.read().status()).isEqualTo(503);
        }
    }

    @Test
    void servesEveryDocument() throws IOException {
        AgentMetrics metrics = new AgentMetrics(registry, "pg-test", "pg-test-1");
        metrics.cycle(Duration.ofMillis(3), "Wait");
        TestNode node = TestNode.primary();
        node.failsafeMode = true;
        operations.snapshot = node.snapshot();
        try (RawHttp http = connect()) {
            assertThat(get(http, "/patroni").body()).contains("\"lease_valid\": true");
            assertThat(get(http, "/cluster").body()).contains("\"role\": \"leader\"");
            assertThat(get(http, "/history").body()).isEqualTo("[]");
            assertThat(get(http, "/config").body()).isEqualTo("{\"ttl\": 10, \"loop_wait\": 2}");
            assertThat(get(http, "/failsafe").body())
                    .isEqualTo(
                            "{\"pg-test-1\": \"http://10.0.0.1:8008/patroni\", \"pg-test-2\":"
                                    + " \"http://10.0.0.2:8008/patroni\"}");
            assertThat(get(http, "/liveness").body()).isEmpty();
            assertThat(get(http, "/readiness").status()).isEqualTo(200);
            RawHttp.Response unknown = get(http, "/nonsense");
            assertThat(unknown.status()).isEqualTo(503);
            assertThat(unknown.body()).startsWith("{\"state\": ");
            RawHttp.Response prometheus = get(http, "/metrics");
            assertThat(prometheus.headers())
                    .containsEntry("content-type", "text/plain; version=0.0.4; charset=utf-8");
            assertThat(prometheus.body())
                    .contains(
                            "patroni_primary{scope=\"pg-test\",name=\"pg-test-1\"} 1\n",
                            "pgnode_agent_cycle_duration_seconds{scope=\"pg-test\","
                                    + "name=\"pg-test-1\"} 0.003\n",
                            "pgnode_agent_decisions_total{scope=\"pg-test\",name=\"pg-test-1\","
                                    + "decision=\"Wait\"} 1\n");
            node.hasConfig = false;
            operations.snapshot = node.snapshot();
            assertThat(get(http, "/config").status()).isEqualTo(502);
            assertThat(get(http, "/failsafe").status()).isEqualTo(502);
        }
    }

    private static RawHttp.Response get(RawHttp http, String path) throws IOException {
        return http.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").read();
    }

    @Test
    void answers501ToMethodsItDoesNotKnow() throws IOException {
        try (RawHttp http = connect()) {
            for (String request :
                    List.of("POST /primary", "DELETE /primary", "FOO /", "PUT /cluster")) {
                RawHttp.Response answer =
                        http.send(request + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                                .read();
                assertThat(answer.status()).as(request).isEqualTo(501);
                assertThat(answer.body())
                        .isEqualTo("Unsupported method ('" + request.split(" ", 2)[0] + "')");
            }
        }
    }

    @Test
    void wantsThePasswordForUnsafeMethodsOnly() throws IOException {
        use(
                new RestSettings(
                        "127.0.0.1",
                        0,
                        new Credentials("admin", "s:cret"),
                        null,
                        List.of(),
                        false,
                        ServerTokens.NONE,
                        Map.of("X-Site", "a")));
        try (RawHttp http = connect()) {
            String post = "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n";
            RawHttp.Response none = http.send(post + "\r\n").read();
            assertThat(none.status()).isEqualTo(401);
            assertThat(none.headers())
                    .containsEntry("www-authenticate", "Basic realm=\"pgnode\"")
                    .containsEntry("x-site", "a")
                    .doesNotContainKey("server");
            for (String wrong : List.of("Basic YWRtaW46", "Basic !", "Bearer x", "Basic ")) {
                RawHttp.Response answer =
                        http.send(post + "Authorization: " + wrong + "\r\n\r\n").read();
                assertThat(answer.status()).as(wrong).isEqualTo(401);
                assertThat(answer.body()).isEqualTo("not authenticated");
            }
            assertThat(operations.asked).isEmpty();
            String right = new Credentials("admin", "s:cret").header();
            assertThat(http.send(post + "Authorization: " + right + "\r\n\r\n").read().status())
                    .isEqualTo(200);
            assertThat(get(http, "/config").status()).isEqualTo(200);
        }
        assertThat(new Credentials("admin", "s:cret")).asString().doesNotContain("s:cret");
    }

    @Test
    void keepsStrangersFromUnsafeMethods() throws IOException {
        String post = "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
        use(allowing(List.of(Cidr.parse("10.0.0.0/8")), false));
        try (RawHttp http = connect()) {
            assertThat(http.send(post).read().body()).isEqualTo("Access is denied");
            assertThat(get(http, "/config").status()).isEqualTo(200);
        }
        use(allowing(List.of(Cidr.parse("10.0.0.0/8")), true));
        try (RawHttp http = connect()) { // members are 10.0.0.1 and 10.0.0.2
            assertThat(http.send(post).read().status()).isEqualTo(403);
        }
        use(allowing(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("127.0.0.0/30")), true));
        try (RawHttp http = connect()) {
            assertThat(http.send(post).read().status()).isEqualTo(200);
        }
    }

    private static RestSettings allowing(List<Cidr> networks, boolean members) {
        return new RestSettings(
                "127.0.0.1", 0, null, null, networks, members, ServerTokens.PRODUCT, Map.of());
    }

    @Test
    void refusesBodiesThatAreTooLarge() throws IOException {
        String big = "{\"a\": \"" + "x".repeat(RequestHandler.MAX_BODY_BYTES) + "\"}";
        try (RawHttp http = connect()) {
            http.send("PATCH /config HTTP/1.1\r\nHost: x\r\nContent-Length: " + big.length());
            RawHttp.Response answer = http.send("\r\n\r\n" + big).read();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.body()).isEqualTo("the request body is larger than 64 kB");
            assertThat(http.isClosed()).isTrue();
        }
        String fits = "{\"a\": \"" + "x".repeat(RequestHandler.MAX_BODY_BYTES - 9) + "\"}";
        try (RawHttp http = connect()) {
            http.send("PATCH /config HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            http.send(Integer.toHexString(fits.length()) + "\r\n" + fits + "\r\n0\r\n\r\n");
            assertThat(http.read().status()).isEqualTo(200);
        }
        assertThat(operations.asked).hasSize(1);
    }

    @Test
    void answersACurlThatWaitsForContinue() throws IOException {
        try (RawHttp http = connect()) {
            http.send(
                    "PUT /config HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length:"
                            + " 11\r\n\r\n");
            assertThat(http.read().status()).isEqualTo(100);
            assertThat(http.send("{\"ttl\": 20}").read().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n\r\n\r\n",
                "\u0000\u0001\u0002\u0003\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET / HTTP/1.1\r\nbad header\r\n\r\n",
                "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
                "POST /reload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
            })
    void survivesGarbage(String bytes) throws IOException {
        try (RawHttp http = connect()) {
            http.send(bytes);
        }
        try (RawHttp http = connect()) {
            http.send(bytes).reset();
        }
        assertStillServesAndIsSilent();
    }

    @Test
    void survivesLongLinesAndHeaders() throws IOException {
        try (RawHttp http = connect()) {
            http.send("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(http.read().status()).isEqualTo(414);
        }
        try (RawHttp http = connect()) {
            http.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(40_000) + "\r\n\r\n");
            assertThat(http.read().status()).isEqualTo(431);
        }
        assertStillServesAndIsSilent();
    }

    @Test
    void saysNothingAboutClientsThatGoAway() throws IOException {
        CompletableFuture<Result> slow = new CompletableFuture<>();
        operations.answer = slow;
        String post = "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: ";
        try (RawHttp http = connect()) {
            http.send(post + "0\r\n\r\n");
            Awaitility.await().until(() -> operations.asked.contains("reload"));
            http.reset();
        }
        slow.complete(new Result(200, "done"));
        try (RawHttp http = connect()) {
            http.send(post + "10\r\n\r\n{").reset();
        }
        try (RawHttp http = connect()) {
            http.send("GET /patr").reset();
        }
        assertStillServesAndIsSilent();
    }

    private void assertStillServesAndIsSilent() throws IOException {
        try (RawHttp http = connect()) {
            assertThat(get(http, "/primary").status()).isEqualTo(200);
        }
        assertThat(logged).isEmpty();
    }

    @Test
    void answers500WhenAnOperationBreaks() throws IOException {
        operations.answer = CompletableFuture.failedFuture(new IllegalStateException("bug"));
        try (RawHttp http = connect()) {
            RawHttp.Response answer =
                    http.send("POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                            .read();
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).doesNotContain("bug");
        }
        assertThat(logged).hasSize(1);
    }

    /** The best of some rounds: the machine may be busy with other things. */
    @Test
    void serves1000RequestsWithinASecond() throws Exception {
        double best = 0;
        for (int round = 0; round < 5 && best < 1000; round++) {
            best = Math.max(best, requestsPerSecond());
        }
        assertThat(best).isGreaterThan(1000);
    }

    private double requestsPerSecond() throws Exception {
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        long started = System.nanoTime();
        for (int c = 0; c < 4; c++) {
            clients.add(
                    CompletableFuture.runAsync(
                            () -> {
                                try (RawHttp http = connect()) {
                                    for (int i = 0; i < 500; i++) {
                                        assertThat(get(http, "/patroni").status()).isEqualTo(200);
                                    }
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            Thread::startVirtualThread));
        }
        CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new))
                .get(20, TimeUnit.SECONDS);
        return 2000 / ((System.nanoTime() - started) / 1e9);
    }

    @Test
    void servesAnOrdinaryClient() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + port + "/cluster"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
    }

    @Test
    void saysWhoHoldsItsPort() throws IOException {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RestServer late = newServer(RestSettings.plain("127.0.0.1", holder.getLocalPort()));
            assertThatThrownBy(() -> late.start().join())
                    .hasCauseInstanceOf(RestListenException.class)
                    .hasMessageContaining(
                            "cannot serve the REST API on 127.0.0.1:"
                                    + holder.getLocalPort()
                                    + ": the port is in use\nHINT: find its holder with: ss");
        }
    }

    @Test
    void saysThatAnAddressIsNotOfThisHost() {
        RestServer wrong = newServer(RestSettings.plain("192.0.2.1", 8008));
        assertThatThrownBy(() -> wrong.start().join())
                .hasCauseInstanceOf(RestListenException.class)
                .hasMessageContaining("192.0.2.1:8008: this host does not have that address");
    }

    @Test
    void appliesNewSettings() throws IOException {
        RestSettings locked =
                new RestSettings(
                        "127.0.0.1",
                        0,
                        new Credentials("admin", "x"),
                        null,
                        List.of(),
                        false,
                        ServerTokens.NONE,
                        Map.of());
        try (RawHttp http = connect()) {
            String post = "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
            assertThat(http.send(post).read().status()).isEqualTo(200);
            server.reload(locked).join();
            assertThat(http.send(post).read().status()).isEqualTo(401);
        }
    }

    @Test
    void keepsTheOldListenerWhenTheNewPortFails() throws IOException {
        assertThatThrownBy(() -> server.reload(RestSettings.plain("192.0.2.1", 8008)).join())
                .hasCauseInstanceOf(RestListenException.class);
        try (RawHttp http = connect()) {
            assertThat(get(http, "/primary").status()).isEqualTo(200);
        }
    }

    @Test
    void opensTheOldAddressAgainWhenTheNewOneFails() throws IOException {
        useFreePort();
        assertThatThrownBy(() -> server.reload(RestSettings.plain("192.0.2.1", port)).join())
                .hasCauseInstanceOf(RestListenException.class);
        try (RawHttp http = connect()) {
            assertThat(get(http, "/primary").status()).isEqualTo(200);
        }
        assertThat(server.selfTest().join()).isTrue();
    }

    @Test
    void movesToAnotherPort() throws IOException {
        useFreePort();
        int before = port;
        int after = freePort();
        server.reload(RestSettings.plain("127.0.0.1", after)).join();
        try (RawHttp http = new RawHttp(after)) {
            assertThat(get(http, "/primary").status()).isEqualTo(200);
        }
        assertThatThrownBy(() -> new RawHttp(before)).isInstanceOf(IOException.class);
    }

    /** A configured port, not one that the system picks at each start. */
    private void useFreePort() throws IOException {
        int free = freePort();
        use(RestSettings.plain("127.0.0.1", free));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Test
    void testsItself() {
        assertThat(server.selfTest().join()).isTrue();
        server.close().join();
        assertThat(server.selfTest().join()).isFalse();
    }

    @Test
    void listensOnAllAddressesByAStar() {
        RestServer all = newServer(RestSettings.plain("*", 0));
        HostPort address = all.start().join();
        assertThat(address.host()).isEqualTo("0.0.0.0");
        assertThat(all.selfTest().join()).isTrue();
        all.close().join();
    }
}
