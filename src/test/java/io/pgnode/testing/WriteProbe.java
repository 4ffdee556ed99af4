package io.pgnode.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One client per node that inserts a row every 20 ms straight into that node's server, whatever its
 * role, and records what was acknowledged. Connections have deadlines, so a frozen server does not
 * freeze the probe.
 */
public final class WriteProbe implements AutoCloseable {
    /** Time between two inserts of a client. */
    public static final Duration PERIOD = Duration.ofMillis(20);

    private static final String TABLE =
            "create table if not exists ha_probe (client int, seq bigint, primary key (client, seq))";
    private static final String INSERT =
            "insert into ha_probe (client, seq) values (?, ?)"
                    + " returning substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)";

    private final ClusterUnderTest cluster;
    private final ConcurrentLinkedQueue<Ack> acks = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    /** Later probes on the same table never meet the rows of earlier ones. */
    private final long firstSeq = System.currentTimeMillis() * 1_000;

    private volatile boolean stopped;

    private WriteProbe(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    /**
     * Creates the table on the primary, starts writing and returns when the first insert is
     * acknowledged.
     */
    public static WriteProbe start(ClusterUnderTest cluster) {
        var probe = new WriteProbe(cluster);
        probe.createTable();
        for (int node = 0; node < cluster.size(); node++) {
            int target = node;
            probe.threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name("probe-" + node)
                            .start(() -> probe.write(target)));
        }
        Waiting.until(
                Duration.ofSeconds(20),
                () -> "a first insert\n" + cluster.diagnostics(),
                () -> !probe.acks.isEmpty());
        return probe;
    }

    /** What was acknowledged so far. */
    public WriteHistory history() {
        return new WriteHistory(List.copyOf(acks));
    }

    /** Waits for an insert that is acknowledged after this monotonic time. */
    public Ack awaitAckAfter(long nanos, Duration limit) {
        return awaitAckAfter(nanos, 0, limit);
    }

    /** The same, on this timeline or a newer one. */
    public Ack awaitAckAfter(long nanos, int timeline, Duration limit) {
        Waiting.until(
                limit,
                () -> "an insert on timeline " + timeline + " or newer\n" + cluster.diagnostics(),
                () -> history().firstOnTimeline(timeline, nanos).isPresent());
        return history().firstOnTimeline(timeline, nanos).orElseThrow();
    }

    /** Ends the writing. */
    public WriteHistory stop() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
        return history();
    }

    /** The rows that a node's server holds. */
    public Set<WriteHistory.Row> rowsOf(int node) throws SQLException {
        var rows = new HashSet<WriteHistory.Row>();
        try (Connection connection = cluster.connect(node);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select client, seq from ha_probe")) {
            while (result.next()) {
                rows.add(new WriteHistory.Row(result.getInt(1), result.getLong(2)));
            }
        }
        return rows;
    }

    @Override
    public void close() {
        stop();
    }

    private void createTable() {
        Waiting.until(
                Duration.ofSeconds(20),
                () -> "a primary that creates the table\n" + cluster.diagnostics(),
                () -> IntStream.range(0, cluster.size()).anyMatch(this::createsTable));
    }

    private boolean createsTable(int node) {
        try (Connection connection = cluster.connect(node);
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private void write(int node) {
        long next = System.nanoTime();
        long seq = firstSeq;
        Session session = null;
        while (!stopped) {
            next = Math.max(next + PERIOD.toNanos(), System.nanoTime());
            Waiting.pause(Math.max(1, (next - System.nanoTime()) / 1_000_000));
            seq++;
            try {
                if (session == null) {
                    session = new Session(cluster.connect(node));
                }
                session.insert(node, seq);
            } catch (SQLException e) {
                session = isReadOnly(e) ? session : closed(session);
            }
        }
        closed(session);
    }

    private static boolean isReadOnly(SQLException e) {
        return "25006".equals(e.getSQLState());
    }

    private static @Nullable Session closed(@Nullable Session session) {
        if (session != null) {
            try {
                session.connection.close();
            } catch (SQLException e) {
                // It was broken already.
            }
        }
        return null;
    }

    /** A connection with its prepared statement; used by one thread. */
    private final class Session {
        private final Connection connection;
        private final PreparedStatement insert;

        Session(Connection connection) throws SQLException {
            this.connection = connection;
            this.insert = connection.prepareStatement(INSERT);
        }

        /**
         * A warning is no acknowledgement: a cancelled wait for a synchronous standby gives one.
         */
        void insert(int client, long seq) throws SQLException {
            insert.setInt(1, client);
            insert.setLong(2, seq);
            insert.clearWarnings();
            long sent = System.nanoTime();
            try (ResultSet result = insert.executeQuery()) {
                long acknowledged = System.nanoTime();
                if (result.next() && insert.getWarnings() == null) {
                    acks.add(
                            new Ack(
                                    client,
                                    seq,
                                    client,
                                    sent,
                                    acknowledged,
                                    Integer.parseInt(result.getString(1), 16)));
                }
            }
        }
    }
}
