package io.pgnode.cli.demo;

import io.pgnode.postgres.JdbcDriver;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plain connections to the members of the demo, as a client makes them. */
public final class DemoSql {
    private static final String TABLE = "pgnode_demo_writes";

    private DemoSql() {}

    /** Fails after seconds, never later. */
    static Connection connect(DemoNode node) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", "demo");
        properties.setProperty("connectTimeout", "1");
        properties.setProperty("socketTimeout", "5");
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", "pgnode demo");
        return Objects.requireNonNull(
                JdbcDriver.create()
                        .connect("jdbc:postgresql://" + node.postgres() + "/postgres", properties));
    }

    /** A connection to the member that accepts writes; null when there is none. */
    static @Nullable Connection connectPrimary(DemoLayout layout) {
        for (DemoNode node : layout.nodes()) {
            try {
                Connection connection = connect(node);
                if (!isInRecovery(connection)) {
                    return connection;
                }
                connection.close();
            } catch (SQLException e) {
                // It does not run, or starts, or stops: the next one may be it.
            }
        }
        return null;
    }

    private static boolean isInRecovery(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
            return !row.next() || row.getBoolean(1);
        }
    }

    static void createTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS "
                            + TABLE
                            + " (id bigint PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())");
            statement.execute("TRUNCATE " + TABLE);
        }
    }

    static void insert(Connection connection, long id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO " + TABLE + " (id) VALUES (" + id + ")");
        }
    }

    /** The rows that a member has. */
    public static Set<Long> rows(DemoNode node) throws SQLException {
        Set<Long> ids = new HashSet<>();
        try (Connection connection = connect(node);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM " + TABLE)) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    /** How many standbys stream from a member. */
    public static int streaming(DemoNode node) throws SQLException {
        try (Connection connection = connect(node);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_replication"
                                        + " WHERE state = 'streaming'")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }
}
