package io.pgnode.postgres;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The kept connection of actions, opened anew when it broke. Apart from that of the {@link Prober},
 * so that long work does not hold up the observation.
 */
final class SqlSession implements AutoCloseable {
    private final Supplier<SqlTarget> target;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable SqlConnection connection;

    /**
     * @param target asked for each new connection
     */
    SqlSession(Supplier<SqlTarget> target) {
        this.target = target;
    }

    /** Runs the work; once more on a new connection when the kept one turns out to be broken. */
    <T extends @Nullable Object> T call(Duration limit, SqlConnection.Work<T> work)
            throws SQLException {
        lock.lock();
        try {
            SqlConnection kept = connection;
            if (kept != null && kept.isUsable()) {
                try {
                    return kept.call(limit, work);
                } catch (SQLException e) {
                    if (kept.isUsable()) {
                        throw e;
                    }
                    kept.abort();
                    if (e instanceof SQLTimeoutException) {
                        throw e;
                    }
                }
            }
            SqlConnection opened = SqlConnection.open(target.get(), limit);
            connection = opened;
            return opened.call(limit, work);
        } finally {
            lock.unlock();
        }
    }

    void execute(Duration limit, String sql) throws SQLException {
        call(
                limit,
                open -> {
                    try (var statement = open.createStatement()) {
                        return statement.execute(sql);
                    }
                });
    }

    /** The first column of the first row as text; null when it is null or there is no row. */
    @Nullable String text(Duration limit, String sql) throws SQLException {
        return text(limit, sql, 1);
    }

    /** The given column of the first row. */
    @Nullable String text(Duration limit, String sql, int column) throws SQLException {
        return this.<@Nullable String>call(
                limit,
                open -> {
                    try (var statement = open.createStatement();
                            var rows = statement.executeQuery(sql)) {
                        return rows.next() ? rows.getString(column) : null;
                    }
                });
    }

    /** Ends whatever is under way; the next use opens a new connection. */
    @Override
    public void close() {
        SqlConnection open = connection;
        if (open != null) {
            open.abort();
        }
    }
}
