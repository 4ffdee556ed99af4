package io.pgnode.gateway;

import static io.pgnode.gateway.NodesUnderTest.ask;
import static io.pgnode.gateway.NodesUnderTest.connectAs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.Storm;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway with all it can have, whose configuration changes while clients are there. */
class GatewayReloadTest {
    private static final String PASSWORD = "app-secret";

    private static RealPostgres postgres;
    private static Vertx vertx;
    private static int rest;

    @TempDir Path dir = Path.of("");
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Places places;
    private Gateway gateway;

    /** Where everything listens. */
    private record Places(int primary, int standard, int pooler, int stats, String more) {
        static Places free() {
            return new Places(
                    FreePorts.next(), FreePorts.next(), FreePorts.next(), FreePorts.next(), "");
        }

        Places with(String lines) {
            return new Places(primary, standard, pooler, stats, lines);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        postgres = RealPostgres.create("reload").bootstrap();
        postgres.sql("CREATE ROLE app LOGIN PASSWORD '" + PASSWORD + "'");
        vertx = Vertx.vertx();
        rest = NodesUnderTest.healthyApi(vertx);
    }

    @AfterAll
    static void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        postgres.close();
    }

    @BeforeEach
    void open() throws Exception {
        places = Places.free();
        gateway =
                Gateway.start(
                        config(places), null, NodesUnderTest.surroundings(vertx, "pg-test-1"));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        gateway.close();
    }

    private PgnodeConfig config(Places wanted) throws Exception {
        return config(wanted, "127.0.0.1", "", "");
    }

    private PgnodeConfig config(Places wanted, String address, String pooler, String stats)
            throws Exception {
        String text =
                """
                cluster: pg-test
                seq: 1
                address: 127.0.0.1
                postgresql: { port: %d, socket-dir: %s }
                pooler: { listen: "%s", port: %d %s }
                services:
                  primary: { bind: ["%s:%d"] }
                  default: { bind: ["%s:%d"] }
                  replica: { enabled: false }
                  offline: { enabled: false }
                %s
                gateway:
                  members:
                    pg-test-1: { postgresql: "127.0.0.1:%d", rest: "127.0.0.1:%d" }
                  check: { inter: 50ms, fast-inter: 20ms, down-inter: 50ms, rise: 1 }
                  stats: { listen: "%s", port: %d, socket: %s %s }
                """
                        .formatted(
                                postgres.settings().port(),
                                postgres.settings().socketDir(),
                                address,
                                wanted.pooler,
                                pooler,
                                address,
                                wanted.primary,
                                address,
                                wanted.standard,
                                wanted.more,
                                postgres.settings().port(),
                                rest,
                                address.equals("*") ? "0.0.0.0" : address,
                                wanted.stats,
                                dir.resolve("haproxy-" + wanted.stats + ".sock"),
                                stats);
        return ConfigLoader.loadText("pgnode.yml", text, Map.of()).config();
    }

    private Connection connect(int port) throws SQLException {
        Connection connection = connectAs(port, "postgres", "app", PASSWORD);
        opened.add(connection);
        return connection;
    }

    private static void assertServes(Places there) throws Exception {
        for (int port : List.of(there.primary, there.standard, there.pooler)) {
            try (Connection client = connectAs(port, "postgres", "app", PASSWORD)) {
                assertThat(ask(client, "SELECT 1")).isEqualTo("1");
            }
        }
        assertThat(page(there.stats)).contains("pg-test-primary,FRONTEND");
    }

    private static void assertRefused(int port) {
        assertThatThrownBy(() -> new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close())
                .isInstanceOf(IOException.class);
    }

    private static String page(int port) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/;csv"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void everythingMovesAndNobodyIsDropped() throws Exception {
        assertServes(places);
        List<Connection> clients =
                List.of(connect(places.primary), connect(places.standard), connect(places.pooler));
        for (Connection client : clients) {
            client.setAutoCommit(false);
            ask(client, "SET LOCAL work_mem = '1234kB'");
        }
        Places next = Places.free();

        assertThat(gateway.reload(config(next))).isEmpty();

        assertServes(next);
        for (int port : List.of(places.primary, places.standard, places.pooler, places.stats)) {
            assertRefused(port);
        }
        assertThat(dir.resolve("haproxy-" + places.stats + ".sock")).doesNotExist();
        assertThat(dir.resolve("haproxy-" + next.stats + ".sock")).exists();
        for (Connection client : clients) {
            assertThat(ask(client, "SHOW work_mem")).isEqualTo("1234kB");
            client.commit();
            assertThat(ask(client, "SELECT 2")).isEqualTo("2");
        }
    }

    @Test
    void placesAreExchanged() throws Exception {
        Places swapped =
                new Places(
                        /* primary= */ places.pooler,
                        /* standard= */ places.stats,
                        /* pooler= */ places.primary,
                        /* stats= */ places.standard,
                        "");
        Connection client = connect(places.primary);

        assertThat(gateway.reload(config(swapped))).isEmpty();

        assertServes(swapped);
        assertThat(ask(client, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void noLoginFailsMeanwhile() throws Exception {
        try (Storm storm = new Storm()) {
            for (int port : List.of(places.primary, places.standard, places.pooler)) {
                storm.add(port, () -> logIn(port));
            }
            storm.awaitMore(60);
            for (String address : List.of("127.0.0.1", "*", "127.0.0.1", "*")) {
                int limit = 100 + storm.served();
                Places wanted =
                        places.with(
                                "  extra: { port: %d, role: primary, max-connections: %d }"
                                        .formatted(FreePorts.next(), limit));
                assertThat(gateway.reload(config(wanted, address, "", ""))).isEmpty();
                storm.awaitMore(60);
            }
            storm.end();
            assertThat(storm.failures()).isEmpty();
        }
        assertServes(places);
    }

    private static void logIn(int port) throws SQLException {
        try (Connection client = connectAs(port, "postgres", "app", PASSWORD)) {
            ask(client, "SELECT 1");
        }
    }

    @Test
    void whenAnythingIsWrongNothingChanges() throws Exception {
        Connection client = connect(places.primary);
        int free = FreePorts.next();
        Path secret = Files.createFile(dir.resolve("password"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Places next =
                    new Places(
                            free,
                            places.standard,
                            places.pooler,
                            FreePorts.next(),
                            "  extra: { bind: [\"127.0.0.1:%d\"], role: primary }"
                                    .formatted(taken.getLocalPort()));
            PgnodeConfig wrong =
                    config(
                            next,
                            "127.0.0.1",
                            ", settings: { pool_mode: none }",
                            ", admin: { username: me, password-file: " + secret + " }");

            List<String> problems = gateway.reload(wrong);

            assertThat(problems)
                    .hasSize(3)
                    .anySatisfy(problem -> assertThat(problem).contains("pool_mode"))
                    .anySatisfy(
                            problem -> assertThat(problem).contains("gateway.stats", "password"))
                    .anySatisfy(
                            problem ->
                                    assertThat(problem)
                                            .startsWith("service pg-test-extra cannot listen on")
                                            .contains(":" + taken.getLocalPort()));
        }
        assertServes(places);
        assertRefused(free);
        assertThat(ask(client, "SELECT 1")).isEqualTo("1");
        assertThat(dir.toFile().list((_, name) -> name.endsWith(".sock"))).hasSize(1);
    }

    @Test
    void aServiceThatIsGoneDrains() throws Exception {
        int tcp = FreePorts.next();
        int pooled = FreePorts.next();
        Places more =
                places.with(
                        """
                          extra: { port: %d, role: primary }
                          more: { port: %d, role: primary, mode: pooled }
                        """
                                .formatted(tcp, pooled));
        assertThat(gateway.reload(config(more))).isEmpty();
        Connection direct = connect(tcp);
        Connection pool = connect(pooled);
        assertThat(ask(direct, "SELECT 1")).isEqualTo("1");

        assertThat(gateway.reload(config(places))).isEmpty();

        assertRefused(tcp);
        assertRefused(pooled);
        assertThat(ask(direct, "SELECT 2")).isEqualTo("2");
        assertThat(ask(pool, "SELECT 3")).isEqualTo("3");
        assertThat(page(places.stats)).doesNotContain("pg-test-extra", "pg-test-more");
    }

    @Test
    void statisticsGetOtherLogins() throws Exception {
        Path secret = Files.writeString(dir.resolve("password"), "look\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        String reader = ", reader: { username: me, password-file: " + secret + " }";
        assertThat(page(places.stats)).contains("FRONTEND");

        assertThat(gateway.reload(config(places, "127.0.0.1", "", reader))).isEmpty();

        assertThat(page(places.stats)).isEqualTo("a password is needed\n");
    }
}
