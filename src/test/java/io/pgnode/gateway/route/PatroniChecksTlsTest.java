package io.pgnode.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.gateway.pooler.TestCertificates;
import io.pgnode.gateway.route.core.CheckTimes;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.MemberTraits;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.StaticMember;
import io.pgnode.model.HostPort;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members whose REST APIs speak TLS: one with a right certificate, one with that of another. */
class PatroniChecksTlsTest {
    private static final ServiceSpec PRIMARY =
            ServiceSpec.of("primary", 1, ServiceMode.TCP, RoleRule.PRIMARY, List.of());

    @TempDir Path dir = Path.of("");
    private final Vertx vertx = Vertx.vertx();
    private @Nullable List<StaticMember> members;

    private StaticMember member(TestCertificates certificates, String name) throws Exception {
        HttpServer server =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setSsl(true)
                                        .setKeyCertOptions(
                                                new PemKeyCertOptions()
                                                        .setKeyPath(
                                                                certificates
                                                                        .file(name + ".key")
                                                                        .toString())
                                                        .setCertPath(
                                                                certificates
                                                                        .file(name + ".crt")
                                                                        .toString())))
                        .requestHandler(request -> request.response().end())
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(5, TimeUnit.SECONDS);
        return new StaticMember(
                name,
                new HostPort("127.0.0.1", 5432),
                new HostPort("127.0.0.1", server.actualPort()),
                MemberTraits.PLAIN);
    }

    @BeforeEach
    void begin() throws Exception {
        TestCertificates certificates = new TestCertificates(dir);
        certificates.make("right", "right", "IP:127.0.0.1");
        certificates.make("wrong", "wrong", "IP:127.0.0.9");
        members = List.of(member(certificates, "right"), member(certificates, "wrong"));
    }

    @AfterEach
    void end() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void expect(CheckSettings.Tls tls, Condition right, Condition wrong) {
        try (PatroniChecks checks =
                new PatroniChecks(
                        vertx,
                        Objects.requireNonNull(members),
                        new CheckSettings(CheckTimes.DEFAULT, "GET", tls),
                        System::nanoTime)) {
            checks.watch(List.of(PRIMARY));
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () ->
                                    assertThat(checks.servers(PRIMARY, 0))
                                            .allMatch(one -> !one.check().status().isEmpty())
                                            .extracting(ServerView::condition)
                                            .containsExactly(right, wrong));
            if (wrong != Condition.UP) {
                assertThat(checks.servers(PRIMARY, 0).getLast().check().status())
                        .isEqualTo("L6RSP");
            }
        }
    }

    @Test
    void aMemberWithTheCertificateOfAnotherIsNotBelieved() {
        expect(new CheckSettings.Tls(true, dir.resolve("ca.crt")), Condition.UP, Condition.DOWN);
    }

    @Test
    void anUnknownAuthorityIsNotBelieved() {
        expect(new CheckSettings.Tls(true, null), Condition.DOWN, Condition.DOWN);
    }

    @Test
    void withoutVerificationAnyCertificateWillDo() {
        expect(new CheckSettings.Tls(false, null), Condition.UP, Condition.UP);
    }
}
