package io.pgnode.cli;

import io.pgnode.gateway.pooler.StandalonePooler;
import io.pgnode.gateway.pooler.console.Shutdown;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * PgBouncer's signals, with its phrases in the log: HUP reloads, TERM waits for the clients to
 * leave and INT for the servers to be released (a second one ends at once, as QUIT does), USR1
 * pauses and USR2 resumes. Thread-safe.
 */
final class PoolerSignals {
    private static final Logger LOG = Logger.getLogger(PoolerSignals.class);
    private static final List<Signal> ALL =
            List.of(Signal.HUP, Signal.TERM, Signal.INT, Signal.QUIT, Signal.USR1, Signal.USR2);

    private final StandalonePooler pooler;
    private final Runnable reload;

    PoolerSignals(StandalonePooler pooler, Runnable reload) {
        this.pooler = pooler;
        this.reload = reload;
    }

    /** From now on. A runtime may keep QUIT for itself: a virtual machine does. */
    void receive() {
        for (Signal signal : ALL) {
            try {
                SignalHandler.on(signal, () -> got(signal));
            } catch (IllegalArgumentException e) {
                LOG.debugf("SIG%s belongs to this runtime: %s", signal, e.getMessage());
            }
        }
    }

    void got(Signal signal) {
        switch (signal) {
            case HUP -> {
                LOG.infof("got SIGHUP, re-reading config");
                reload.run();
            }
            case TERM ->
                    end(signal, Shutdown.WAIT_FOR_CLIENTS, "waiting for all clients disconnect");
            case INT ->
                    end(
                            signal,
                            Shutdown.WAIT_FOR_SERVERS,
                            "waiting for all servers connections to be released");
            case QUIT -> {
                LOG.infof("got SIGQUIT, fast exit");
                pooler.end();
            }
            case USR1 -> pause();
            case USR2 -> resume();
            case KILL, CONT, STOP -> throw new IllegalArgumentException("nobody sends " + signal);
        }
    }

    private void end(Signal signal, Shutdown how, String waiting) {
        if (pooler.isEnding()) {
            LOG.infof("got SIG%s while shutting down, fast exit", signal);
            pooler.end();
        } else {
            LOG.infof("got SIG%s, shutting down, %s", signal, waiting);
            pooler.shutDown(how);
        }
    }

    private void pause() {
        if (pooler.isPaused()) {
            LOG.infof("got SIGUSR1, but already paused/suspended");
        } else {
            LOG.infof("got SIGUSR1, pausing all activity");
            pooler.pause();
        }
    }

    private void resume() {
        if (pooler.isEnding()) {
            LOG.infof("got SIGUSR2 while shutting down, ignoring");
        } else if (pooler.isPaused()) {
            LOG.infof("got SIGUSR2, continuing from PAUSE");
            pooler.resume();
        } else {
            LOG.infof("got SIGUSR2, but not paused/suspended");
        }
    }
}
