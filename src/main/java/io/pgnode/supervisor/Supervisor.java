package io.pgnode.supervisor;

import io.pgnode.guard.FenceReport;
import io.pgnode.guard.Fencer;
import io.pgnode.guard.GuardListener;
import io.pgnode.guard.GuardServer;
import io.pgnode.guard.RunFiles;
import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardState;
import io.pgnode.os.BootClock;
import io.pgnode.os.Directories;
import io.pgnode.os.Memory;
import io.pgnode.os.OrphanReaper;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.pgnode.os.SystemdNotify;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The first process of a node: keeps the others running, holds the guard, speaks to systemd.
 *
 * <p>It stops nothing by dying. A new supervisor takes up the children that it finds by their
 * locks; an agent that is found but silent is waited for, never doubled.
 */
public final class Supervisor {
    private static final Logger LOG = Logger.getLogger(Supervisor.class);
    private static final Duration HELLO_LIMIT = Duration.ofSeconds(3);
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final RunFiles files;
    private final List<Child> children;
    private final Child agent;
    private final SystemdForwarder systemd;
    private final Runnable onReload;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** The agent that said HELLO last; null before. */
    private @Nullable ProcessIdentity heard;

    private boolean stopping;
    private long silentSinceNanos = System.nanoTime();

    public Supervisor(SupervisorSettings settings, SystemdNotify systemd) {
        this.files = new RunFiles(settings.runDir());
        this.systemd = new SystemdForwarder(systemd);
        this.onReload = settings.onReload();
        this.children =
                settings.children().stream()
                        .map(spec -> new Child(spec, settings.command(), files, events::add))
                        .toList();
        this.agent = children.getFirst();
    }

    /**
     * Runs until SIGTERM or SIGINT; children are stopped then.
     *
     * @throws SupervisorException when another supervisor has the run directory, or it cannot be
     *     used
     */
    public void run() throws SupervisorException, InterruptedException {
        try {
            Directories.create(files.directory(), "rwx------");
            try (RunLock _ = lock();
                    GuardServer guard =
                            new GuardServer(
                                    files.guardSocket(),
                                    new BootClock(),
                                    Fencer.killing(),
                                    new Listener())) {
                LOG.infof(
                        "supervisor started pid=%d run_dir=%s memory_locked=%s",
                        ProcessHandle.current().pid(), files.directory(), Memory.lockAll());
                OrphanReaper.startWhereNeeded();
                guard.start();
                receiveSignals();
                supervise();
                stopChildren();
                awaitDeadline(guard);
            }
        } catch (IOException e) {
            throw new SupervisorException(
                    "cannot use run directory " + files.directory() + ": " + e.getMessage(),
                    "it must be a directory that only this user may enter",
                    e);
        }
    }

    private RunLock lock() throws IOException, SupervisorException {
        Optional<RunLock> lock = RunLock.tryAcquire(files.supervisorLock());
        if (lock.isPresent()) {
            return lock.get();
        }
        String holder =
                RunLock.holder(files.supervisorLock())
                        .map(process -> " (process " + process.pid() + ")")
                        .orElse("");
        throw new SupervisorException(
                "another supervisor" + holder + " runs in " + files.directory(),
                "stop it first, or give this node a run-dir of its own",
                null);
    }

    private void receiveSignals() {
        SignalHandler.on(Signal.TERM, () -> events.add(new Event.Terminate("SIGTERM")));
        SignalHandler.on(Signal.INT, () -> events.add(new Event.Terminate("SIGINT")));
        SignalHandler.on(Signal.HUP, () -> events.add(new Event.Reload()));
        SignalHandler.on(Signal.USR2, () -> events.add(new Event.Replace()));
    }

    /** Until a signal to end. */
    private void supervise() throws InterruptedException {
        while (true) {
            startDue();
            Event event = events.poll(nextDueNanos(), TimeUnit.NANOSECONDS);
            if (event instanceof Event.Terminate(String signal)) {
                LOG.infof("supervisor stops reason=%s", signal);
                return;
            }
            if (event != null) {
                handle(event);
            }
            children.forEach(Child::watchSuccessor);
            watchSilence();
        }
    }

    private void handle(Event event) {
        switch (event) {
            case Event.ChildEnded end -> childEnded(end);
            case Event.AgentConnected connected -> agentConnected(connected);
            case Event.ForSystemd(GuardMessage message) -> systemd.forward(message);
            case Event.Reload _ -> reload();
            case Event.Replace _ -> {
                if (!stopping) {
                    children.forEach(Child::replace);
                }
            }
            case Event.Terminate _ -> {}
        }
    }

    private void startDue() {
        for (Child child : children) {
            if (!child.isRunning() && child.dueInNanos() <= 0 && child.start()) {
                LOG.infof(
                        "child found running child=%s pid=%s",
                        child.spec().name(), child.process());
            }
        }
    }

    private long nextDueNanos() {
        long next = IDLE.toNanos();
        for (Child child : children) {
            if (!child.isRunning()) {
                next = Math.min(next, child.dueInNanos());
            }
        }
        return Math.max(0, next);
    }

    private void childEnded(Event.ChildEnded end) {
        for (Child child : children) {
            if (child.spec().name().equals(end.child())) {
                child.ended(end, !stopping);
                if (child == agent) {
                    silentSinceNanos = System.nanoTime();
                }
            }
        }
    }

    private void agentConnected(Event.AgentConnected connected) {
        heard = connected.agent();
        silentSinceNanos = System.nanoTime();
        LOG.infof(
                "agent connected pid=%d version=%s", connected.agent().pid(), connected.version());
    }

    private void reload() {
        onReload.run();
        for (Child child : children) {
            if (child.spec().takesReload()) {
                child.signal(Signal.HUP);
            }
        }
        systemd.reloaded();
    }

    /** Says so when an agent that runs has not connected; it is not doubled for that. */
    private void watchSilence() {
        ProcessIdentity running = agent.process();
        if (running == null
                || running.equals(heard)
                || System.nanoTime() - silentSinceNanos < HELLO_LIMIT.toNanos()) {
            return;
        }
        silentSinceNanos = System.nanoTime();
        LOG.warnf(
                "agent has not connected pid=%d stopped=%s: waiting",
                running.pid(), agent.isStopped());
    }

    private void stopChildren() throws InterruptedException {
        stopping = true;
        systemd.stopping();
        for (Child child : children) {
            child.signal(Signal.TERM);
            child.signalOthers(Signal.TERM);
            Duration budget = child.spec().stopBudget().get();
            if (!awaitEnd(child, budget)) {
                LOG.warnf(
                        "child did not end in time child=%s budget=%s: killed",
                        child.spec().name(), budget);
                child.signal(Signal.KILL);
                awaitEnd(child, Duration.ofSeconds(5));
            }
        }
    }

    private boolean awaitEnd(Child child, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (child.isRunning()) {
            Event event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                return false;
            }
            handle(event);
        }
        return true;
    }

    /** An agent that did not release its lease leaves a deadline, which we must see through. */
    private static void awaitDeadline(GuardServer guard) throws InterruptedException {
        if (guard.state().phase() == GuardState.Phase.ARMED) {
            LOG.warnf("the agent ended without releasing its lease: waiting for the deadline");
        }
        while (guard.state().phase() == GuardState.Phase.ARMED) {
            Thread.sleep(20);
        }
    }

    /** On the guard's thread: only puts into the queue. */
    private final class Listener implements GuardListener {
        @Override
        public void agentConnected(ProcessIdentity which, String version) {
            events.add(new Event.AgentConnected(which, version));
        }

        @Override
        public void agentDisconnected(ProcessIdentity which) {
            LOG.infof("agent disconnected pid=%d", which.pid());
        }

        @Override
        public void forSystemd(GuardMessage message) {
            events.add(new Event.ForSystemd(message));
        }

        @Override
        public void fenced(long epoch, FenceReport report) {}
    }
}
