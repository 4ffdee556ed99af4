package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.ConnInfo;
import io.pgnode.postgres.core.ProbeSql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the local server for its state, on one connection that is kept.
 *
 * <p>One probe at a time. A probe that does not end by its deadline closes the connection, and the
 * next one opens another.
 */
final class Prober implements AutoCloseable {
    /** After the second probe in a row without an answer, then growing by as much with each. */
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private static final long LONGEST_PAUSE_NANOS = 10 * PAUSE_NANOS;

    private final Supplier<SqlTarget> target;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable SqlConnection connection;
    private @Nullable PreparedStatement statement;
    private Map<String, String> pendingRestart = Map.of();
    private Map<String, String> forcedSettings = Map.of();
    private long pendingOfConfig = -1;
    private int timeouts;
    private volatile long pauseUntil;

    private volatile @Nullable ServerFacts facts;
    private volatile boolean answers;

    /**
     * @param target asked for each new connection
     */
    Prober(Supplier<SqlTarget> target, LongSupplier clock) {
        this.target = target;
        this.clock = clock;
        this.pauseUntil = clock.getAsLong();
    }

    /** From the last probe that was answered; null when none was since {@link #forget}. */
    @Nullable ServerFacts facts() {
        return facts;
    }

    /** Whether the last probe was answered. */
    boolean answers() {
        return answers;
    }

    ProbeResult probe(Duration limit) {
        Deadline deadline = Deadline.in(limit, clock);
        if (!acquire(limit)) {
            return new ProbeResult.TimedOut("another probe is still waiting for its answer");
        }
        try {
            if (clock.getAsLong() - pauseUntil < 0) {
                return new ProbeResult.TimedOut("the last probes were not answered, pausing");
            }
            // A kept connection may be that of an earlier postmaster: then a new one decides.
            boolean isKept = connection != null && connection.isUsable();
            try {
                return answered(ask(deadline));
            } catch (SQLTimeoutException e) {
                return failed(new ProbeResult.TimedOut(SqlConnection.message(e)));
            } catch (SQLException e) {
                drop();
                if (!isKept) {
                    return failed(kindOf(e));
                }
            }
            try {
                return answered(ask(deadline));
            } catch (SQLException e) {
                return failed(kindOf(e));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Our kept connection may still work, but nobody can open another. */
    ProbeResult doesNotAnswer(String why) {
        answers = false;
        return new ProbeResult.TimedOut(why);
    }

    /** The server stopped: what was known says nothing about the next one. */
    void forget() {
        pauseUntil = clock.getAsLong();
        answers = false;
        facts = null;
        SqlConnection open = connection;
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void close() {
        forget();
    }

    private boolean acquire(Duration limit) {
        try {
            return lock.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private ProbeResult answered(ServerFacts found) {
        facts = found;
        answers = true;
        timeouts = 0;
        pauseUntil = clock.getAsLong();
        return new ProbeResult.Answered(found.inRecovery(), found.timeline());
    }

    private ProbeResult failed(ProbeResult why) {
        answers = false;
        drop();
        if (why instanceof ProbeResult.TimedOut) {
            pause();
        }
        return why;
    }

    /** A backend that hangs in I/O stays behind: without pauses they would take all connections. */
    private void pause() {
        long pause = Math.min(PAUSE_NANOS * timeouts, LONGEST_PAUSE_NANOS);
        timeouts++;
        pauseUntil = clock.getAsLong() + pause;
    }

    private static ProbeResult kindOf(SQLException e) {
        if (e instanceof SQLTimeoutException) {
            return new ProbeResult.TimedOut(SqlConnection.message(e));
        }
        if (SqlConnection.isStarting(e)) {
            return new ProbeResult.Starting(SqlConnection.message(e));
        }
        return SqlConnection.isRefused(e)
                ? new ProbeResult.Refused(SqlConnection.message(e))
                : new ProbeResult.Unreachable(SqlConnection.message(e));
    }

    private void drop() {
        statement = null;
        pendingOfConfig = -1;
        SqlConnection open = connection;
        connection = null;
        if (open != null) {
            open.abort();
        }
    }

    private ServerFacts ask(Deadline deadline) throws SQLException {
        SqlConnection open = connection;
        if (open == null || !open.isUsable()) {
            drop();
            open = SqlConnection.open(target.get(), deadline.leftAtMost(Duration.ofDays(1)));
            connection = open;
        }
        return open.call(deadline.leftAtMost(Duration.ofDays(1)), this::query);
    }

    private ServerFacts query(Connection open) throws SQLException {
        PreparedStatement prepared = statement;
        if (prepared == null) {
            int major = open.getMetaData().getDatabaseMajorVersion();
            prepared = open.prepareStatement(ProbeSql.probe(major));
            statement = prepared;
        }
        prepared.execute();
        Row row;
        try (ResultSet state = prepared.getResultSet()) {
            state.next();
            row = Row.of(state);
        }
        prepared.getMoreResults();
        List<Standby> standbys = new ArrayList<>();
        try (ResultSet rows = prepared.getResultSet()) {
            while (rows.next()) {
                standbys.add(standby(rows));
            }
        }
        prepared.getMoreResults();
        Set<String> slots = new HashSet<>();
        try (ResultSet rows = prepared.getResultSet()) {
            while (rows.next()) {
                slots.add(rows.getString(1));
            }
        }
        refreshPending(open, row.configLoaded);
        return row.facts(standbys, slots, pendingRestart, forcedSettings);
    }

    /** Only a reload changes it, and the view behind it reads the files. */
    private void refreshPending(Connection open, long configLoaded) throws SQLException {
        if (configLoaded == pendingOfConfig) {
            return;
        }
        Map<String, String> found = new HashMap<>();
        Map<String, String> forced = new HashMap<>();
        try (Statement query = open.createStatement()) {
            try (ResultSet rows = query.executeQuery(ProbeSql.PENDING_RESTART)) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getString(2) + " -> " + rows.getString(3));
                }
            }
            try (ResultSet rows = query.executeQuery(ProbeSql.FORCED_SETTINGS)) {
                while (rows.next()) {
                    forced.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        pendingRestart = Map.copyOf(found);
        forcedSettings = Map.copyOf(forced);
        pendingOfConfig = configLoaded;
    }

    private static Standby standby(ResultSet row) throws SQLException {
        return new Standby(
                row.getString("application_name"),
                row.getString("user_name"),
                row.getString("client"),
                row.getString("state"),
                row.getString("sync_state"),
                row.getInt("sync_priority"),
                lsn(row, "sent_lsn"),
                lsn(row, "write_lsn"),
                lsn(row, "flush_lsn"),
                lsn(row, "replay_lsn"));
    }

    private static Lsn lsn(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? Lsn.NONE : Lsn.parse(text);
    }

    /** The single row of the first result. */
    private record Row(
            boolean inRecovery,
            int timeline,
            Lsn flush,
            Lsn receive,
            Lsn replay,
            long replayMillis,
            boolean paused,
            boolean streaming,
            @Nullable HostPort sender,
            String connInfo,
            String slot,
            String syncNames,
            long startMillis,
            long configLoaded,
            int version) {
        static Row of(ResultSet row) throws SQLException {
            boolean inRecovery = row.getBoolean("in_recovery");
            Lsn replay = lsn(row, "replay_lsn");
            Lsn receive = Lsn.max(lsn(row, "receive_lsn"), replay);
            String status = row.getString("receiver_status");
            return new Row(
                    inRecovery,
                    row.getInt("timeline"),
                    inRecovery ? receive : lsn(row, "flush_lsn"),
                    receive,
                    replay,
                    row.getLong("replay_ms"),
                    row.getBoolean("replay_paused"),
                    inRecovery && "streaming".equals(status),
                    address(row.getString("sender_host"), row.getInt("sender_port")),
                    row.getString("primary_conninfo"),
                    row.getString("primary_slot_name"),
                    row.getString("sync_names"),
                    row.getLong("start_ms"),
                    row.getLong("config_loaded"),
                    row.getInt("version"));
        }

        ServerFacts facts(
                List<Standby> standbys,
                Set<String> slots,
                Map<String, String> pendingRestart,
                Map<String, String> forcedSettings) {
            return new ServerFacts(
                    inRecovery,
                    timeline,
                    flush,
                    receive,
                    replay,
                    replayMillis,
                    paused,
                    streaming,
                    sender,
                    inRecovery ? upstreamOf(connInfo) : null,
                    slot,
                    syncNames,
                    startMillis,
                    configLoaded,
                    version,
                    standbys,
                    slots,
                    pendingRestart,
                    forcedSettings);
        }
    }

    /** What a primary_conninfo points to; null when it names no single host and port. */
    static @Nullable HostPort upstreamOf(String connInfo) {
        String port = ConnInfo.valueOf(connInfo, "port");
        try {
            return address(
                    ConnInfo.valueOf(connInfo, "host"),
                    port.isEmpty() ? 5432 : Integer.parseInt(port));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable HostPort address(@Nullable String host, int port) {
        return host == null || host.isBlank() || port < 1 || port > 65535
                ? null
                : new HostPort(host, port);
    }
}
