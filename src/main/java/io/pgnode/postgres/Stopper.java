package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.model.Lsn;
import io.pgnode.os.Signal;
import io.pgnode.postgres.core.ControlData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** Stops the server within bounded time: fast, then immediate, then SIGKILL of all it has. */
final class Stopper {
    private static final Logger LOG = Logger.getLogger(Stopper.class);
    private static final Duration IMMEDIATE_LIMIT = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 2;

    private final DataDirectory data;
    private final Postmaster postmaster;
    private final LongSupplier clock;

    Stopper(DataDirectory data, Postmaster postmaster, LongSupplier clock) {
        this.data = data;
        this.postmaster = postmaster;
        this.clock = clock;
    }

    /**
     * @param budget for the given mode; up to five seconds more for what follows
     * @param onShutDown called once, when pg_control says "shut down" although the server may still
     *     archive and wait for standbys; not called when it does not come that far
     */
    StopResult stop(StopMode mode, Duration budget, Consumer<ShutdownPoint> onShutDown)
            throws PostgresException {
        long begin = clock.getAsLong();
        List<String> steps = new ArrayList<>();
        boolean stopped = postmaster.find().isEmpty();
        if (!stopped) {
            stopped = ask(mode, Deadline.in(budget, clock), steps, onShutDown);
        }
        if (!stopped && mode != StopMode.IMMEDIATE) {
            LOG.warnf("server does not stop, next: immediate mode=%s budget=%s", mode, budget);
            stopped =
                    ask(StopMode.IMMEDIATE, Deadline.in(IMMEDIATE_LIMIT, clock), steps, onShutDown);
        }
        if (!stopped) {
            LOG.warn("server does not stop, killing it");
            steps.add("kill");
            postmaster.killTree();
            stopped = Deadline.in(IMMEDIATE_LIMIT, clock).await(postmaster::isGone, POLL_MILLIS);
        } else {
            postmaster.killSurvivors();
        }
        return result(stopped, steps, begin);
    }

    private StopResult result(boolean stopped, List<String> steps, long begin) {
        Optional<ControlData> control = stopped ? data.control() : Optional.empty();
        boolean clean = control.filter(ControlData::isCleanlyShutDown).isPresent();
        return new StopResult(
                stopped,
                steps,
                clean,
                clean ? control.get().checkpoint() : Lsn.NONE,
                Duration.ofNanos(clock.getAsLong() - begin));
    }

    private boolean ask(
            StopMode mode,
            Deadline deadline,
            List<String> steps,
            Consumer<ShutdownPoint> onShutDown)
            throws PostgresException {
        steps.add(mode.name().toLowerCase(Locale.ROOT));
        postmaster.signal(
                switch (mode) {
                    case SMART -> Signal.TERM;
                    case FAST -> Signal.INT;
                    case IMMEDIATE -> Signal.QUIT;
                });
        Announcement announcement = new Announcement(onShutDown);
        deadline.await(
                () -> {
                    boolean decided = postmaster.process().isEmpty() || postmaster.isFrozen();
                    announcement.look(data);
                    return decided;
                },
                POLL_MILLIS);
        return postmaster.process().isEmpty();
    }

    /** Tells once. */
    private static final class Announcement {
        private final Consumer<ShutdownPoint> listener;
        private boolean isMade;

        Announcement(Consumer<ShutdownPoint> listener) {
            this.listener = listener;
        }

        void look(DataDirectory data) {
            if (isMade) {
                return;
            }
            data.control()
                    .filter(control -> control.state() == ControlState.SHUT_DOWN)
                    .ifPresent(
                            control -> {
                                isMade = true;
                                listener.accept(
                                        new ShutdownPoint(
                                                control.timeline(),
                                                control.checkpoint(),
                                                control.checkpointEnd()));
                            });
        }
    }
}
