package io.pgnode.postgres;

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A PgJDBC connection whose every use has a deadline, at which its socket is closed from another
 * thread: a hung server cannot hang its caller.
 *
 * <p>For one thread at a time. After a deadline or a broken connection {@link #isUsable} is false.
 */
final class SqlConnection implements AutoCloseable {
    /** The connection being opened on this thread, which wants to know its socket. */
    private static final ThreadLocal<SqlConnection> OPENING = new ThreadLocal<>();

    private static final String CANNOT_CONNECT_NOW = "57P03";

    /** Work on a connection. */
    interface Work<T extends @Nullable Object> {
        T on(Connection connection) throws SQLException;
    }

    private volatile @Nullable Socket socket;
    private volatile @Nullable Connection connection;
    private volatile boolean isAborted;

    private SqlConnection() {}

    static SqlConnection open(SqlTarget target, Duration deadline) throws SQLException {
        SqlConnection opening = new SqlConnection();
        OPENING.set(opening);
        try (Watchdog watchdog = Watchdog.arm(deadline, opening::abort)) {
            opening.connection = connect(target, watchdog, deadline);
            return opening;
        } catch (SQLException e) {
            opening.abort();
            throw e;
        } finally {
            OPENING.remove();
        }
    }

    private static Connection connect(SqlTarget target, Watchdog watchdog, Duration deadline)
            throws SQLException {
        try {
            Connection connection = JdbcDriver.create().connect(target.url(), target.properties());
            if (connection == null) {
                throw new SQLException("not a PostgreSQL address: " + target.url());
            }
            return connection;
        } catch (SQLException e) {
            throw watchdog.hasFired() ? late("connecting to " + target, deadline, e) : e;
        }
    }

    /** Runs the work; ends it at the deadline with a {@link SQLTimeoutException}. */
    <T extends @Nullable Object> T call(Duration deadline, Work<T> work) throws SQLException {
        Connection open = connection;
        if (open == null || isAborted) {
            throw new SQLException("the connection is closed", "08003");
        }
        try (Watchdog watchdog = Watchdog.arm(deadline, this::abort)) {
            try {
                return work.on(open);
            } catch (SQLException e) {
                throw watchdog.hasFired() ? late("query", deadline, e) : e;
            }
        }
    }

    /** Runs a statement without a result. */
    void execute(Duration deadline, String sql) throws SQLException {
        call(
                deadline,
                open -> {
                    try (Statement statement = open.createStatement()) {
                        return statement.execute(sql);
                    }
                });
    }

    /** The first column of the first row as text; null when it is null or there is no row. */
    @Nullable String text(Duration deadline, String sql) throws SQLException {
        return this.<@Nullable String>call(
                deadline,
                open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet rows = statement.executeQuery(sql)) {
                        return rows.next() ? rows.getString(1) : null;
                    }
                });
    }

    boolean isUsable() {
        Connection open = connection;
        try {
            return open != null && !isAborted && !open.isClosed();
        } catch (SQLException e) {
            return false;
        }
    }

    /** Ends whatever is under way. May be called from any thread. */
    void abort() {
        isAborted = true;
        Socket open = socket;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // Gone already.
            }
        }
    }

    /** Says goodbye to the server when it can, which must not take long. */
    @Override
    public void close() {
        Connection open = connection;
        if (open == null || isAborted) {
            abort();
            return;
        }
        try (Watchdog _ = Watchdog.arm(Duration.ofSeconds(1), this::abort)) {
            open.close();
        } catch (SQLException e) {
            abort();
        }
        isAborted = true;
    }

    /** Called by the socket factory on the thread that opens a connection. */
    static void opened(Socket socket) throws IOException {
        SqlConnection opening = OPENING.get();
        if (opening == null) {
            return;
        }
        opening.socket = socket;
        if (opening.isAborted) {
            socket.close();
            throw new IOException("the deadline passed");
        }
    }

    /** Whether the server said that it is starting, stopping or recovering. */
    static boolean isStarting(SQLException e) {
        return CANNOT_CONNECT_NOW.equals(e.getSQLState());
    }

    /** Whether the server answered and refused the role or its password. */
    static boolean isRefused(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.startsWith("28");
    }

    /** The first line: the rest is detail for the server's developers. */
    static String message(SQLException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse("");
    }

    private static SQLException late(String what, Duration deadline, SQLException cause) {
        return new SQLTimeoutException(
                what + " took longer than " + deadline.toMillis() + " ms", "57014", cause);
    }
}
