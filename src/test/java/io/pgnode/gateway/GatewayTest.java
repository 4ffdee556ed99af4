package io.pgnode.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.gateway.route.ConfiguredRoutes;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.testing.FreePorts;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From a configuration to clients, with a member that only says who it is. */
class GatewayTest {
    private static final String BASE =
            """
            cluster: pg-test
            seq: 1
            address: 127.0.0.1
            """;

    private final Vertx vertx = Vertx.vertx();
    private final int port = FreePorts.next();
    private final int second = FreePorts.next();
    private final int stats = FreePorts.next();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static PgnodeConfig config(String text) throws ConfigProblems {
        return ConfigLoader.loadText("pgnode.yml", text, Map.of()).config();
    }

    private String with(int postgresql, int rest, String services) {
        return BASE
                + """
                pooler: { enabled: false }
                services:
                  offline: { enabled: false }
                %s
                gateway:
                  members:
                    pg-test-1: { postgresql: "127.0.0.1:%d", rest: "127.0.0.1:%d" }
                  check: { inter: 50ms, fast-inter: 20ms, down-inter: 50ms }
                  stats: { listen: 127.0.0.1, port: %d }
                """
                        .formatted(services, postgresql, rest, stats);
    }

    private static String hello(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.setSoTimeout(10_000);
            return Character.toString(socket.getInputStream().read());
        }
    }

    @Test
    void servesAndReloads() throws Exception {
        int rest = NodesUnderTest.healthyApi(vertx);
        try (ServerSocket member = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> greet(member));
            int target = member.getLocalPort();
            String one = "  default: { port: %d }".formatted(port);
            String two = "  extra: { port: %d, role: primary }".formatted(second);
            try (Gateway gateway =
                            Gateway.start(
                                    config(with(target, rest, one)),
                                    null,
                                    NodesUnderTest.surroundings(vertx, "pg-test-1"));
                    HttpClient client = HttpClient.newHttpClient()) {
                assertThat(hello(port)).isEqualTo("H");
                HttpRequest csv =
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + stats + "/;csv"))
                                .build();
                await().untilAsserted(
                                () ->
                                        assertThat(
                                                        client.send(
                                                                        csv,
                                                                        HttpResponse.BodyHandlers
                                                                                .ofString())
                                                                .body())
                                                .contains("\npg-test-default,pg-test-1,0,0,0,1,"));

                gateway.reload(config(with(target, rest, one + "\n" + two)));
                assertThat(hello(second)).isEqualTo("H");
                gateway.reload(config(with(target, rest, "  default: { enabled: false }\n" + two)));
                assertThatThrownBy(() -> hello(port)).isInstanceOf(IOException.class);
                assertThat(hello(second)).isEqualTo("H");
            }
        }
    }

    private static void greet(ServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.getOutputStream().write('H');
            } catch (IOException e) {
                return;
            }
        }
    }

    @Test
    void saysWhyItCannotStart() throws Exception {
        assertThatThrownBy(
                        () ->
                                Gateway.start(
                                        config(BASE),
                                        null,
                                        NodesUnderTest.surroundings(vertx, "pg-test-1")))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("gateway.members is empty");
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            PgnodeConfig config =
                    config(
                            with(
                                    taken.getLocalPort(),
                                    1,
                                    "  default: { port: %d }".formatted(port)));
            assertThatThrownBy(
                            () ->
                                    Gateway.start(
                                            config,
                                            null,
                                            NodesUnderTest.surroundings(vertx, "pg-test-1")))
                    .isInstanceOf(GatewayException.class)
                    .hasMessageContaining("pg-test-default cannot listen on *:" + port);
        }
    }

    @Test
    void builtInServicesNeedNoConfiguration() throws ConfigProblems {
        assertThat(ConfiguredRoutes.services(config(BASE)))
                .isEqualTo(ServiceSpec.defaults("pg-test"));
    }

    @Test
    void ownServicesAndChangedOnes() throws ConfigProblems {
        List<ServiceSpec> services =
                ConfiguredRoutes.services(
                        config(
                                BASE
                                        + """
                                        services:
                                          primary: { enabled: false }
                                          replica: { port: 6000, mode: tcp, max-lag: 1MB }
                                          reports: { bind: ["*:6001"], role: offline, backup: [replica], max-connections: 7 }
                                        """));

        assertThat(services)
                .extracting(ServiceSpec::name)
                .containsExactly(
                        "pg-test-replica", "pg-test-default", "pg-test-offline", "pg-test-reports");
        ServiceSpec replica = services.getFirst();
        assertThat(replica.binds()).containsExactly("*:6000");
        assertThat(replica.mode()).isEqualTo(ServiceMode.TCP);
        assertThat(replica.targetPort()).isZero();
        assertThat(replica.backups()).containsExactly(RoleRule.PRIMARY);
        assertThat(replica.maxLagBytes()).isEqualTo(1 << 20);
        assertThat(services.getLast().limits().connections()).isEqualTo(7);
        assertThat(services.getLast().closing().whenDown()).isFalse();
    }

    @Test
    void everyProblemIsReported() {
        assertThatThrownBy(
                        () ->
                                config(
                                        BASE
                                                + """
                                                services:
                                                  one: { port: 6000 }
                                                  two: { role: primary }
                                                  three: { port: 6003, role: primary, retries: -1 }
                                                  four: { port: 6003, role: primary }
                                                  five: { bind: [x], role: primary }
                                                gateway:
                                                  members:
                                                    pg-1: { weight: 300 }
                                                  check: { rise: 0 }
                                                  stats: { admin: { username: me } }
                                                """))
                .isInstanceOfSatisfying(
                        ConfigProblems.class,
                        e ->
                                assertThat(e.problems())
                                        .extracting(problem -> problem.message())
                                        .containsExactlyInAnyOrder(
                                                "services.one has no role",
                                                "services.two has neither port nor bind",
                                                "services.three.retries is -1, must be 0..100",
                                                "services.three and services.four both listen on"
                                                        + " *:6003",
                                                "services.five.bind has \"x\", must be host:port,"
                                                        + " *:port or a path",
                                                "gateway.members.pg-1.postgresql is missing",
                                                "gateway.members.pg-1.weight is 300, must be"
                                                        + " 0..256",
                                                "gateway.check.rise is 0, must be 1..100",
                                                "gateway.stats.admin.username is given without a"
                                                        + " password"));
    }
}
