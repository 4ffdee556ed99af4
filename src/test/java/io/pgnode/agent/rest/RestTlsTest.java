package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.agent.rest.RestSettings.ServerTokens;
import io.pgnode.agent.rest.RestSettings.Tls;
import io.pgnode.agent.rest.RestSettings.VerifyClient;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.metrics.MetricRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("isPossible")
class RestTlsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir static Path directory;
    private static TestCertificates certificates;
    private static Vertx vertx;

    private final FakeOperations operations = new FakeOperations();
    private RestServer server;
    private String url = "";

    static boolean isPossible() {
        return TestCertificates.isPossible();
    }

    @BeforeAll
    static void prepare() throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        certificates = new TestCertificates(directory);
        certificates.issue("server");
        certificates.issue("client");
    }

    @AfterAll
    static void stopVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        server.close().join();
    }

    private static RestSettings settings(VerifyClient verify, String certificate) {
        return new RestSettings(
                "127.0.0.1",
                0,
                null,
                new Tls(
                        certificates.file(certificate + ".crt"),
                        certificates.file(certificate + ".key"),
                        certificates.file("ca.crt"),
                        verify),
                List.of(),
                false,
                ServerTokens.VERSION,
                Map.of());
    }

    @BeforeEach
    void create() {
        server =
                new RestServer(
                        vertx,
                        settings(VerifyClient.NONE, "server"),
                        operations,
                        "pgnode-0.1.0",
                        new MetricRegistry(),
                        () -> TestNode.NOW,
                        InstantSource.system(),
                        Thread::startVirtualThread);
    }

    private void start(VerifyClient verify) {
        server.reload(settings(verify, "server")).join();
        url = "https://127.0.0.1:" + server.start().join().port() + "/patroni";
    }

    private static PeerClient client(boolean trusts, boolean hasCertificate) {
        return new PeerClient(
                vertx,
                new RestClientSettings(
                        null,
                        trusts ? certificates.file("ca.crt") : "",
                        hasCertificate ? certificates.file("client.crt") : "",
                        hasCertificate ? certificates.file("client.key") : "",
                        false));
    }

    private RestAnswer post(PeerClient client) {
        return client.send("POST", url, "/reload", null, LIMIT).join();
    }

    private String failure(PeerClient client) {
        try {
            return "answered " + client.send("GET", url, "/patroni", null, LIMIT).join().status();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            assertThat(cause).isInstanceOf(RestClientException.class);
            return cause == null ? "" : String.valueOf(cause.getMessage());
        }
    }

    @Test
    void servesClientsWithoutACertificateByDefault() {
        start(VerifyClient.NONE);
        try (PeerClient client = client(true, false)) {
            PeerAnswer answer = client.status(TestNode.SELF, url, LIMIT).join();
            assertThat(answer.reachable()).isTrue();
            assertThat(post(client).status()).isEqualTo(200);
        }
        assertThat(server.selfTest().join()).isTrue();
    }

    @Test
    void wantsACertificateForUnsafeMethodsWhenOptional() {
        start(VerifyClient.OPTIONAL);
        try (PeerClient without = client(true, false);
                PeerClient with = client(true, true)) {
            assertThat(without.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
            RestAnswer refused = post(without);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).isEqualTo("client certificate required");
            assertThat(refused.hint()).startsWith("HINT: ");
            assertThat(post(with).status()).isEqualTo(200);
        }
        assertThat(operations.asked).containsExactly("reload");
        assertThat(server.selfTest().join()).isTrue();
    }

    @Test
    void wantsACertificateFromEverybodyWhenRequired() {
        start(VerifyClient.REQUIRED);
        try (PeerClient without = client(true, false);
                PeerClient with = client(true, true)) {
            assertThat(failure(without)).contains("it wants a client certificate");
            assertThat(without.status(TestNode.SELF, url, LIMIT).join().reachable()).isFalse();
            assertThat(with.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
            assertThat(post(with).status()).isEqualTo(200);
        }
        assertThat(server.selfTest().join()).isTrue();
    }

    @Test
    void clientsRefuseACertificateThatTheyDoNotTrust() {
        start(VerifyClient.NONE);
        try (PeerClient client = client(false, false)) {
            assertThat(failure(client))
                    .contains("its certificate is not trusted", "HINT: set the CA file");
        }
        try (PeerClient careless =
                new PeerClient(vertx, new RestClientSettings(null, "", "", "", true))) {
            assertThat(careless.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
        }
    }

    @Test
    void saysWhenOnlyOneSideSpeaksTls() {
        start(VerifyClient.NONE);
        url = url.replace("https", "http");
        try (PeerClient client = client(true, false)) {
            assertThat(failure(client)).contains("no answer from the REST API at http://127");
        }
    }

    @Test
    void renewsItsCertificateWithoutClosing() throws Exception {
        start(VerifyClient.NONE);
        certificates.issue("renewed");
        try (PeerClient kept = client(true, false);
                PeerClient fresh = client(true, false)) {
            assertThat(kept.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
            server.reload(settings(VerifyClient.NONE, "renewed")).join();
            assertThat(kept.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
            assertThat(fresh.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
            RestSettings wrong =
                    new RestSettings(
                            "127.0.0.1",
                            0,
                            null,
                            new Tls("/nonexistent.crt", "/nonexistent.key", "", VerifyClient.NONE),
                            List.of(),
                            false,
                            ServerTokens.VERSION,
                            Map.of());
            assertThatThrownBy(() -> server.reload(wrong).join())
                    .hasCauseInstanceOf(RestListenException.class)
                    .hasMessageContaining("/nonexistent");
            assertThat(kept.status(TestNode.SELF, url, LIMIT).join().reachable()).isTrue();
        }
    }
}
