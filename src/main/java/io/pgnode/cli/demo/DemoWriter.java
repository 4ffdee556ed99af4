package io.pgnode.cli.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client that inserts a row every 20 ms into whichever member accepts it, on a thread of its own.
 *
 * <p>Each row has a new number: one whose answer is lost is never tried again, since it may be
 * there. So only rows that were acknowledged are demanded back.
 */
public final class DemoWriter {
    private static final Duration PERIOD = Duration.ofMillis(20);
    private static final Duration RETRY = Duration.ofMillis(5);

    private final DemoLayout layout;
    private final WriteLog log;
    private final Thread thread;
    private volatile boolean stopped;
    private @Nullable Connection connection;

    private DemoWriter(DemoLayout layout) {
        this.layout = layout;
        this.log = new WriteLog(System.nanoTime());
        this.thread = Thread.ofPlatform().name("demo-writer").daemon().unstarted(this::run);
    }

    /**
     * Makes an empty table and starts to write into it.
     *
     * @throws SQLException when no member accepts writes
     */
    public static DemoWriter start(DemoLayout layout) throws SQLException {
        try (Connection primary = DemoSql.connectPrimary(layout)) {
            if (primary == null) {
                throw new SQLException("no member accepts writes");
            }
            DemoSql.createTable(primary);
        }
        DemoWriter writer = new DemoWriter(layout);
        writer.thread.start();
        return writer;
    }

    public WriteLog log() {
        return log;
    }

    private void run() {
        long next = System.nanoTime();
        for (long id = 1; !stopped; id++) {
            boolean written = write(id);
            next = written ? next + PERIOD.toNanos() : System.nanoTime() + RETRY.toNanos();
            sleepUntil(next);
            next = Math.max(next, System.nanoTime() - PERIOD.toNanos());
        }
        disconnect();
    }

    private boolean write(long id) {
        try {
            if (connection == null) {
                connection = DemoSql.connectPrimary(layout);
            }
            if (connection == null) {
                return false;
            }
            DemoSql.insert(connection, id);
            log.acknowledge(id, System.nanoTime());
            return true;
        } catch (SQLException e) {
            disconnect();
            return false;
        }
    }

    private void disconnect() {
        Connection old = connection;
        connection = null;
        if (old != null) {
            try {
                old.close();
            } catch (SQLException e) {
                // It was broken, that is why it is closed.
            }
        }
    }

    private static void sleepUntil(long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends after the row that is being written. */
    public void stop() throws InterruptedException {
        stopped = true;
        thread.join(Duration.ofSeconds(15));
    }
}
