package io.pgnode.postgres;

import io.pgnode.os.Signal;
import io.pgnode.postgres.PostgresSettings.BootstrapMethod;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The first start of a data directory that the operator's command made: it recovers to its target,
 * if it has one, and then accepts writes.
 *
 * <p>Until then the directory is marked as unfinished, so that nobody starts it on a way that would
 * miss the target when this agent dies meanwhile.
 */
final class BootstrapRecovery {
    private static final Logger LOG = Logger.getLogger(BootstrapRecovery.class);
    private static final long POLL_MILLIS = 100;
    private static final Duration QUERY_LIMIT = Duration.ofSeconds(5);

    private final PostgresSettings settings;
    private final DataDirectory data;
    private final ConfigFiles files;
    private final Configuration configuration;
    private final Starter starter;
    private final Postmaster postmaster;
    private final SqlSession session;
    private final LongSupplier clock;

    BootstrapRecovery(
            PostgresSettings settings,
            DataDirectory data,
            ConfigFiles files,
            Configuration configuration,
            Starter starter,
            Postmaster postmaster,
            SqlSession session,
            LongSupplier clock) {
        this.settings = settings;
        this.data = data;
        this.files = files;
        this.configuration = configuration;
        this.starter = starter;
        this.postmaster = postmaster;
        this.session = session;
        this.clock = clock;
    }

    /** Returns when it accepts writes; a server that is still recovering by then keeps running. */
    StartResult start(BootstrapMethod method) throws PostgresException {
        long begin = clock.getAsLong();
        Deadline deadline = Deadline.in(method.recoveryLimit(), clock);
        ServerLog log = ServerLog.since(settings.logFile());
        if (method.recovers()) {
            LOG.infof("recovering the new cluster method=%s", method.name());
        }
        StartResult result = starter.startNew(method, deadline.left());
        if (result instanceof StartResult.Failed) {
            return result;
        }
        if (!deadline.await(this::isOver, POLL_MILLIS)) {
            return new StartResult.Failed(
                    "the recovery did not end within bootstrap.recovery-timeout ("
                            + method.recoveryLimit()
                            + "): "
                            + log.lastLine());
        }
        if (postmaster.find().isEmpty()) {
            return new StartResult.Failed(log.explanation());
        }
        finish();
        return new StartResult.Started(Duration.ofNanos(clock.getAsLong() - begin));
    }

    /** Accepts writes, or has ended. */
    private boolean isOver() {
        if (postmaster.find().isEmpty()) {
            return true;
        }
        try {
            return "f".equals(session.text(QUERY_LIMIT, "SELECT pg_is_in_recovery()"));
        } catch (SQLException e) {
            LOG.debugf("cannot ask during the recovery error=%s", SqlConnection.message(e));
            return false;
        }
    }

    /** What recovered is an ordinary data directory from now on, whether its server runs or not. */
    void finish() throws PostgresException {
        configuration.recovery(null);
        files.stripAutoConf();
        configuration.write(null);
        if (postmaster.find().isPresent()) {
            postmaster.signal(Signal.HUP);
        }
        data.markFinished();
    }
}
