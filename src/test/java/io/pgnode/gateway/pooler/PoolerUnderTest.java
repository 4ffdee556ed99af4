package io.pgnode.gateway.pooler;

import io.pgnode.testing.JdbcAddress;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A pooler in this process before a real server, from files in a directory. */
final class PoolerUnderTest implements AutoCloseable {
    static final String SUPERUSER_LINE = "\"postgres\" \"super'secret\\1\"\n";

    private final Path dir;
    private final int port;
    private final StandalonePooler pooler;

    /**
     * @param server behind it, as database {@code postgres}
     * @param more lines of {@code [pgbouncer]}
     */
    PoolerUnderTest(Path dir, RealPostgres server, String more)
            throws IOException, StandalonePooler.BadFiles {
        this(dir, server, "", more);
    }

    PoolerUnderTest(Path dir, RealPostgres server, String databases, String more)
            throws IOException, StandalonePooler.BadFiles {
        this.dir = dir;
        this.port = RealPostgres.freePort();
        write(server, databases, more);
        pooler = StandalonePooler.start(ini(), 2, new SecureRandom());
    }

    Path ini() {
        return dir.resolve("pgbouncer.ini");
    }

    void write(RealPostgres server, String databases, String more) throws IOException {
        Files.writeString(
                ini(),
                """
                [databases]
                postgres = host=127.0.0.1 port=%d
                %s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir = %s
                pool_mode = transaction
                %s
                """
                        .formatted(server.settings().port(), databases, port, dir, more));
    }

    int port() {
        return port;
    }

    StandalonePooler pooler() {
        return pooler;
    }

    Connection connect(String user, String password, String... properties) throws SQLException {
        return connectTo("postgres", user, password, properties);
    }

    Connection connectTo(String database, String user, String password, String... properties)
            throws SQLException {
        return new JdbcAddress("localhost", port, 10, 20)
                .connect(database, user, password, properties);
    }

    static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
    }

    @Override
    public void close() {
        pooler.close();
    }
}
