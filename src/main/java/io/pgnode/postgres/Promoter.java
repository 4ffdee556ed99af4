package io.pgnode.postgres;

import io.pgnode.os.AtomicFile;
import io.pgnode.os.Signal;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** Turns the running standby into a primary. */
final class Promoter {
    private static final Logger LOG = Logger.getLogger(Promoter.class);
    private static final long POLL_MILLIS = 5;
    private static final Duration QUERY_LIMIT = Duration.ofSeconds(2);

    /** A promotion signal that meets a dying WAL receiver is seen only after its retry pause. */
    private static final Duration SIGNAL_AGAIN = Duration.ofMillis(500);

    private final SqlSession session;
    private final DataDirectory data;
    private final Postmaster postmaster;
    private final LongSupplier clock;

    Promoter(SqlSession session, DataDirectory data, Postmaster postmaster, LongSupplier clock) {
        this.session = session;
        this.data = data;
        this.postmaster = postmaster;
        this.clock = clock;
    }

    /**
     * Returns when it accepts writes.
     *
     * @throws PostgresException when the server is gone, or did not promote within the limit
     */
    Duration promote(Duration limit) throws PostgresException {
        long begin = clock.getAsLong();
        Deadline deadline = Deadline.in(limit, clock);
        resumeReplay();
        while (!deadline.hasPassed()) {
            signal();
            Deadline again = Deadline.in(deadline.leftAtMost(SIGNAL_AGAIN), clock);
            if (again.await(this::isPrimary, POLL_MILLIS)) {
                return Duration.ofNanos(clock.getAsLong() - begin);
            }
        }
        throw new PostgresException(
                "the server did not promote within " + limit.toMillis() + " ms",
                "it replays all WAL that it has received first; see its log");
    }

    private boolean isPrimary() throws PostgresException {
        if (postmaster.process().isEmpty()) {
            throw new PostgresException("the server ended during its promotion");
        }
        try {
            return "f".equals(session.text(QUERY_LIMIT, "SELECT pg_is_in_recovery()"));
        } catch (SQLException e) {
            LOG.debugf("cannot ask during the promotion error=%s", SqlConnection.message(e));
            return false;
        }
    }

    /**
     * PostgreSQL would resume by itself, but not when it paused because a parameter is too small.
     */
    private void resumeReplay() {
        try {
            session.execute(
                    QUERY_LIMIT,
                    "SELECT CASE WHEN pg_is_in_recovery() AND pg_is_wal_replay_paused()"
                            + " THEN pg_wal_replay_resume()::text END");
        } catch (SQLException e) {
            LOG.warnf("cannot look whether replay is paused error=%s", SqlConnection.message(e));
        }
    }

    /** By SQL, and without it as pg_ctl does. */
    private void signal() throws PostgresException {
        try {
            session.execute(
                    QUERY_LIMIT, "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(false) END");
            return;
        } catch (SQLException e) {
            LOG.warnf("cannot promote by SQL, next: signal error=%s", SqlConnection.message(e));
        }
        try {
            AtomicFile.write(data.file("promote"), "", AtomicFile.OWNER_ONLY);
            if (!postmaster.signal(Signal.USR1)) {
                throw new PostgresException("the server ended before its promotion");
            }
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot write " + data.file("promote") + ": " + e.getMessage(), e);
        }
    }
}
