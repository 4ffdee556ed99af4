package io.pgnode.gateway;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.feed.HoldDesk;
import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.proxy.TcpProxy;
import io.pgnode.gateway.stats.ServiceReport;
import io.pgnode.postgres.PostgresException;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.JdbcAddress;
import io.pgnode.testing.RealPostgres;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A primary with a streaming standby, and the gateways of their nodes, in this process. */
final class NodesUnderTest implements AutoCloseable {
    static final String FIRST = "pg-test-1";
    static final String SECOND = "pg-test-2";
    static final String PASSWORD = "app-secret";

    private final Vertx vertx = Vertx.vertx();
    private final List<Node> nodes = new ArrayList<>();
    private final FakeFeed feed;

    NodesUnderTest() throws Exception {
        RealPostgres first = RealPostgres.create(FIRST).bootstrap();
        nodes.add(new Node(1, FIRST, first));
        first.sql("CREATE ROLE app LOGIN PASSWORD '" + PASSWORD + "'");
        first.sql("CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL)");
        first.sql("INSERT INTO accounts SELECT i, 100 FROM generate_series(1, 20) i");
        first.sql("GRANT ALL ON accounts TO app");
        nodes.add(new Node(2, SECOND, RealPostgres.create(SECOND).cloneOf(first)));
        feed =
                new FakeFeed(
                        Map.of(
                                FIRST, nodes.get(0).postgres.settings().connectAddress(),
                                SECOND, nodes.get(1).postgres.settings().connectAddress()));
        feed.tell(FIRST, 1);
        for (Node node : nodes) {
            node.gateway =
                    Gateway.start(
                            config(node, node.pooler, ""),
                            feed.open(),
                            surroundings(vertx, node.name));
        }
    }

    /** One host. */
    static final class Node {
        final int number;
        final String name;
        final RealPostgres postgres;
        final int pooler = FreePorts.next();
        final int primary = FreePorts.next();
        final int replica = FreePorts.next();
        final int stats = FreePorts.next();
        private @Nullable Gateway gateway;

        Node(int number, String name, RealPostgres postgres) {
            this.number = number;
            this.name = name;
            this.postgres = postgres;
        }

        Gateway gateway() {
            return Objects.requireNonNull(gateway);
        }

        HoldDesk holds() {
            return Objects.requireNonNull(gateway().pooler()).holds();
        }

        /** Of the service of that name, without the cluster's. */
        ServiceReport report(String service) {
            NodePooler its = Objects.requireNonNull(gateway().pooler());
            return Objects.requireNonNull(its.service("pg-test-" + service)).report();
        }
    }

    Node first() {
        return nodes.get(0);
    }

    Node second() {
        return nodes.get(1);
    }

    FakeFeed feed() {
        return feed;
    }

    /** With further lines at the end. */
    PgnodeConfig config(Node node, int pooler, String more) throws ConfigProblems {
        Node other = nodes.get(2 - node.number);
        String text =
                """
                cluster: pg-test
                seq: %d
                address: 127.0.0.1
                postgresql:
                  port: %d
                  socket-dir: %s
                gateway:
                  loops: 2
                  stats: { listen: 127.0.0.1, port: %d }
                services:
                  primary: { bind: ["127.0.0.1:%d"], target-port: %d }
                  replica: { bind: ["127.0.0.1:%d"], target-port: %d }
                  default: { enabled: false }
                  offline: { enabled: false }
                pooler:
                  listen: 127.0.0.1
                  port: %d
                %s
                """
                        .formatted(
                                node.number,
                                node.postgres.settings().port(),
                                node.postgres.settings().socketDir(),
                                node.stats,
                                node.primary,
                                other.pooler,
                                node.replica,
                                other.pooler,
                                pooler,
                                more.indent(2));
        return ConfigLoader.loadText("pgnode.yml", text, Map.of()).config();
    }

    /** On real clocks, with two loops, and nobody who takes the console's orders. */
    static Gateway.Surroundings surroundings(Vertx vertx, String name) {
        return new Gateway.Surroundings(
                vertx,
                System::nanoTime,
                System::nanoTime,
                new SecureRandom(),
                2,
                new TcpProxy.ProcessFacts(name, "test", 1, 1),
                new NodePooler.Operator() {
                    @Override
                    public List<String> reload() {
                        return List.of();
                    }

                    @Override
                    public void end() {}
                });
    }

    /** Port of an API that says to every check that all is well. */
    static int healthyApi(Vertx vertx) throws Exception {
        return vertx.createHttpServer()
                .requestHandler(request -> request.response().end())
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .actualPort();
    }

    static Connection connect(int port, String... properties) throws SQLException {
        return connectAs(port, "postgres", "app", PASSWORD, properties);
    }

    static Connection connectAs(
            int port, String database, String user, String password, String... properties)
            throws SQLException {
        // Without it the driver asks something before anybody can.
        List<String> all = new ArrayList<>(List.of("assumeMinServerVersion", "15"));
        all.addAll(List.of(properties));
        return new JdbcAddress("127.0.0.1", port, 15, 40)
                .connect(database, user, password, all.toArray(String[]::new));
    }

    static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        }
    }

    /** The port of the PostgreSQL at the end of a connection. */
    static int serverPort(Connection connection) throws SQLException {
        return Integer.parseInt(ask(connection, "SELECT current_setting('port')"));
    }

    /** The first one is stopped, the second one promoted; nobody is told. */
    void switchOver() throws PostgresException {
        first().postgres.instance().stop(io.pgnode.postgres.StopMode.FAST, RealPostgres.LIMIT);
        second().postgres.instance().promote(RealPostgres.LIMIT);
    }

    @Override
    public void close() {
        for (Node node : nodes) {
            Gateway gateway = node.gateway;
            if (gateway != null) {
                gateway.close();
            }
        }
        vertx.close().toCompletionStage().toCompletableFuture().join();
        for (Node node : nodes.reversed()) {
            node.postgres.close();
        }
    }
}
