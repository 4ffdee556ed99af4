package io.pgnode.gateway.pooler;

import io.pgnode.postgres.PostgresException;
import io.pgnode.testing.FreePorts;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pooler from an ini file in front of a PostgreSQL of its own. */
final class PoolerRig implements AutoCloseable {
    private final RealPostgres postgres;
    private final StandalonePooler pooler;
    private final boolean isOwner;
    private final int port = FreePorts.next();
    private final Path ini;

    private PoolerRig(
            RealPostgres postgres, boolean isOwner, String databaseOptions, String options)
            throws IOException, StandalonePooler.BadFiles {
        this.postgres = postgres;
        this.isOwner = isOwner;
        this.ini = postgres.root().resolve("pooler-" + port + ".ini");
        write(databaseOptions, options);
        this.pooler = StandalonePooler.start(ini, 2, new SecureRandom());
    }

    private void write(String databaseOptions, String options) throws IOException {
        Files.writeString(
                ini,
                """
                [databases]
                postgres = host=%s port=%d user=postgres password='%s' %s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                %s
                """
                        .formatted(
                                postgres.root(),
                                postgres.settings().port(),
                                RealPostgres.SUPERUSER.password().replace("'", "''"),
                                databaseOptions,
                                port,
                                options));
    }

    /** Changes the ini file and has it read again. */
    void reload(String databaseOptions, String options) throws IOException {
        write(databaseOptions, options);
        List<String> wrong = pooler.reload();
        if (!wrong.isEmpty()) {
            throw new IOException(wrong.toString());
        }
    }

    static PoolerRig start(String databaseOptions, String options)
            throws PostgresException, IOException, StandalonePooler.BadFiles {
        return new PoolerRig(
                RealPostgres.create("pooler").bootstrap(), true, databaseOptions, options);
    }

    /** One more pooler in front of the same PostgreSQL, to be closed first. */
    PoolerRig another(String databaseOptions, String options)
            throws IOException, StandalonePooler.BadFiles {
        return new PoolerRig(postgres, false, databaseOptions, options);
    }

    RealPostgres postgres() {
        return postgres;
    }

    int port() {
        return port;
    }

    PoolerHolds holds() {
        return pooler.holds();
    }

    /**
     * @param options further options of PgJDBC, each with an ampersand before it
     */
    Connection connect(String options) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + port
                        + "/postgres?sslmode=disable&connectTimeout=5&socketTimeout=20"
                        + options,
                "somebody",
                "");
    }

    Connection connect() throws SQLException {
        return connect("");
    }

    /** The databases of its pools. */
    List<String> pools() {
        return pooler.pooler()
                .ledger()
                .look(all -> all.all().stream().map(pool -> pool.key().database()).toList());
    }

    /** How many servers the pooler has. */
    int servers() {
        return pooler.pooler()
                .ledger()
                .look(all -> all.all().stream().mapToInt(pool -> pool.total()).sum());
    }

    /** The first value of a statement; null for none. */
    static @Nullable String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return null;
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    @Override
    public void close() {
        pooler.close();
        if (isOwner) {
            postgres.close();
        }
    }
}
