package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.pgnode.agent.rest.PeerClient;
import io.pgnode.agent.rest.RestClientSettings;
import io.pgnode.model.MemberName;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a leader without a DCS makes of a member's answer. */
class PeerRequestsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final MemberName MEMBER = new MemberName("pg-test-2");

    private final Vertx vertx = Vertx.vertx();
    private final PeerClient client = new PeerClient(vertx, RestClientSettings.PLAIN);
    private final HttpServer member;
    private int status = 200;
    private @Nullable String promise;

    PeerRequestsTest() throws IOException {
        member = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    }

    @BeforeEach
    void start() {
        member.createContext(
                "/failsafe",
                exchange -> {
                    if (promise != null) {
                        exchange.getResponseHeaders().set("promise-ms", promise);
                    }
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        member.start();
    }

    @AfterEach
    void stop() {
        client.close();
        member.stop(0);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Duration asked() {
        String url = "http://127.0.0.1:" + member.getAddress().getPort() + "/patroni";
        return new PeerRequests(client).askFailsafe(MEMBER, url, "{}", LIMIT).join();
    }

    @Test
    void aMemberSaysForHowLong() {
        promise = "3000";

        assertThat(asked()).isEqualTo(Duration.ofSeconds(3));
    }

    /** As with a Patroni on both sides: then the leader's own ttl counts. */
    @Test
    void aPatroniDoesNotSay() {
        assertThat(asked()).isGreaterThan(Duration.ofHours(1));
    }

    @Test
    void whatIsNotUnderstoodIsNoPromise() {
        promise = "soon";

        assertThat(asked()).isZero();
    }

    @Test
    void aRefusalIsNoPromise() {
        status = 502;
        promise = "3000";

        assertThat(asked()).isZero();
    }

    @Test
    void silenceIsNoPromise() {
        member.stop(0);

        assertThat(asked()).isZero();
    }
}
