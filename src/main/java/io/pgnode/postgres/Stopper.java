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
import org.jspecify.annotations.Nullable;

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
     * @param afterShutDown part of the budget that may go by after the shutdown checkpoint
     * @param onShutDown called once, when pg_control says "shut down" although the server may still
     *     archive and wait for standbys; not called when it does not come that far
     */
    StopResult stop(
            StopMode mode,
            Duration budget,
            Duration afterShutDown,
            Consumer<ShutdownPoint> onShutDown)
            throws PostgresException {
        Announcement announcement = new Announcement(onShutDown, afterShutDown);
        long begin = clock.getAsLong();
        List<String> steps = new ArrayList<>();
        boolean ran = postmaster.find().isPresent();
        boolean stopped = !ran;
        if (!stopped) {
            stopped = ask(mode, Deadline.in(budget, clock), steps, announcement);
        }
        if (!stopped && mode != StopMode.IMMEDIATE) {
            LOG.warnf("server does not stop, next: immediate mode=%s budget=%s", mode, budget);
            stopped =
                    ask(
                            StopMode.IMMEDIATE,
                            Deadline.in(IMMEDIATE_LIMIT, clock),
                            steps,
                            announcement);
        }
        if (!stopped) {
            LOG.warn("server does not stop, killing it");
            steps.add("kill");
            postmaster.killTree();
            stopped = Deadline.in(IMMEDIATE_LIMIT, clock).await(postmaster::isGone, POLL_MILLIS);
        } else {
            postmaster.killSurvivors();
        }
        if (ran && stopped) {
            postmaster.awaitAnnounced();
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
            StopMode mode, Deadline deadline, List<String> steps, Announcement announcement)
            throws PostgresException {
        steps.add(mode.name().toLowerCase(Locale.ROOT));
        postmaster.signal(
                switch (mode) {
                    case SMART -> Signal.TERM;
                    case FAST -> Signal.INT;
                    case IMMEDIATE -> Signal.QUIT;
                });
        deadline.await(
                () -> {
                    boolean decided = postmaster.process().isEmpty() || postmaster.isFrozen();
                    announcement.look();
                    return decided || mode != StopMode.IMMEDIATE && announcement.isOverdue();
                },
                POLL_MILLIS);
        return postmaster.process().isEmpty();
    }

    /** Tells once that pg_control says "shut down". */
    private final class Announcement {
        private final Consumer<ShutdownPoint> listener;
        private final Duration patience;
        private @Nullable Deadline overdue;

        Announcement(Consumer<ShutdownPoint> listener, Duration patience) {
            this.listener = listener;
            this.patience = patience;
        }

        void look() {
            if (overdue == null) {
                data.control()
                        .filter(control -> control.state() == ControlState.SHUT_DOWN)
                        .ifPresent(this::announce);
            }
        }

        private void announce(ControlData control) {
            overdue = Deadline.in(patience, clock);
            listener.accept(
                    new ShutdownPoint(
                            control.timeline(), control.checkpoint(), control.checkpointEnd()));
        }

        boolean isOverdue() {
            Deadline limit = overdue;
            return limit != null && limit.hasPassed();
        }
    }
}
