package io.pgnode.gateway.proxy;

import static io.pgnode.gateway.proxy.FakeSource.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.net.EventLoops;
import io.pgnode.testing.RealPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** PgJDBC and real PostgreSQL on the two sides. */
class PostgresThroughProxyTest {
    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + port
                        + "/postgres?sslmode=disable&connectTimeout=5&socketTimeout=20",
                RealPostgres.SUPERUSER.user(),
                RealPostgres.SUPERUSER.password());
    }

    @Test
    void queriesCancelsAndLosesItsServer() throws Exception {
        FakeSource source = new FakeSource();
        try (RealPostgres postgres = RealPostgres.create("proxy").bootstrap();
                EventLoops loops = new EventLoops("test-proxy", 2);
                Router router = Router.start(source, System::nanoTime);
                TcpProxy proxy =
                        new TcpProxy(
                                loops,
                                router,
                                System::nanoTime,
                                new Random(1),
                                new TcpProxy.ProcessFacts("node", "1", 1, 1))) {
            int real = postgres.settings().connectAddress().port();
            source.set(server("pg-1", real, Condition.UP));
            proxy.add(TcpProxyTest.spec());
            int port = proxy.port("svc");

            try (Connection connection = connect(port);
                    Statement statement = connection.createStatement()) {
                try (ResultSet rows =
                        statement.executeQuery(
                                "SELECT sum(length(repeat('x', 1000000)))"
                                        + " FROM generate_series(1, 10)")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getLong(1)).isEqualTo(10_000_000);
                }
                try (ResultSet rows = statement.executeQuery("SELECT repeat('x', 8000000)")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).hasSize(8_000_000);
                }
                statement.setQueryTimeout(1); // a cancel request is a connection of its own
                assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(60)"))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("57014"));
                statement.setQueryTimeout(0);

                source.set(server("pg-1", real, Condition.DOWN));

                assertThatThrownBy(
                                () -> {
                                    for (int i = 0; i < 1000; i++) {
                                        statement.execute("SELECT pg_sleep(0.01)");
                                    }
                                })
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).startsWith("08"));
            }
        }
    }
}
