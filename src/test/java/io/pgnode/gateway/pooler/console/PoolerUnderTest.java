package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.StandalonePooler;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.JdbcAddress;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pooler in front of a real PostgreSQL: database app in transaction mode with two servers, one
 * with a single server, sess in session mode; users admin, stats and joe.
 */
final class PoolerUnderTest implements AutoCloseable {
    private final RealPostgres postgres;
    private final Path ini;
    private final int port;
    private final StandalonePooler pooler;

    PoolerUnderTest() throws Exception {
        postgres = RealPostgres.create("console").bootstrap();
        port = FreePorts.next();
        Path users = postgres.root().resolve("users.txt");
        Files.writeString(users, "\"admin\" \"\"\n\"stats\" \"\"\n\"joe\" \"\"\n");
        ini = postgres.root().resolve("pgbouncer.ini");
        String server =
                "host=127.0.0.1 port="
                        + postgres.settings().connectAddress().port()
                        + " dbname=postgres user="
                        + RealPostgres.SUPERUSER.user()
                        + " password='"
                        + RealPostgres.SUPERUSER.password().replace("'", "''")
                        + "'";
        Files.writeString(
                ini,
                """
                [databases]
                app = %1$s pool_size=2
                one = %1$s pool_size=1
                sess = %1$s pool_mode=session pool_size=2

                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %2$d
                unix_socket_dir =
                auth_type = trust
                auth_file = %3$s
                admin_users = admin
                stats_users = stats, other
                pool_mode = transaction
                stats_period = 1
                """
                        .formatted(server, port, users));
        pooler = StandalonePooler.start(ini, 2, new SecureRandom());
    }

    int port() {
        return port;
    }

    Path ini() {
        return ini;
    }

    StandalonePooler pooler() {
        return pooler;
    }

    /**
     * @param options pairs of further connection properties
     */
    Connection connect(String database, String user, String... options) throws SQLException {
        return new JdbcAddress("127.0.0.1", port, 10, 30).connect(database, user, "", options);
    }

    Connection admin() throws SQLException {
        return connect(PoolerAdmin.CONSOLE, "admin");
    }

    /** Runs one command as an admin, on a connection of its own. */
    List<Map<String, @Nullable String>> admin(String sql) throws SQLException {
        try (Connection connection = admin()) {
            return rows(connection, sql);
        }
    }

    static List<Map<String, @Nullable String>> rows(Connection connection, String sql)
            throws SQLException {
        List<Map<String, @Nullable String>> result = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                ResultSet rows = statement.getResultSet();
                while (rows.next()) {
                    Map<String, @Nullable String> row = new LinkedHashMap<>();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        row.put(rows.getMetaData().getColumnLabel(i), rows.getString(i));
                    }
                    result.add(row);
                }
            }
        }
        return result;
    }

    /** The row whose column has that value. */
    Map<String, @Nullable String> row(String show, String column, String value)
            throws SQLException {
        return admin(show).stream()
                .filter(row -> value.equals(row.get(column)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row of " + value + " in " + show));
    }

    long number(String show, String column, String value, String wanted) throws SQLException {
        return Long.parseLong(String.valueOf(row(show, column, value).get(wanted)));
    }

    @Override
    public void close() {
        pooler.close();
        postgres.close();
    }
}
