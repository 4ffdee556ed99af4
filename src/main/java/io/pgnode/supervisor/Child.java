package io.pgnode.supervisor;

import io.pgnode.guard.RunFiles;
import io.pgnode.os.PidFd;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessInfo;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One process of the node, through its lives: started by us, or found running. Confined to the
 * supervisor's thread; its end arrives as an {@link Event.ChildEnded}.
 */
final class Child {
    private static final Logger LOG = Logger.getLogger(Child.class);
    private static final int SIGNALLED = 128;

    /** For a successor to start, and to take over. */
    private static final Duration SUCCESSION = Duration.ofSeconds(60);

    private final ChildSpec spec;
    private final ChildCommand command;
    private final RunFiles files;
    private final Consumer<Event> events;
    private @Nullable ProcessIdentity process;

    /** On its way to take over; null when there is none. */
    private @Nullable ProcessIdentity successor;

    /** Those that were taken over from, and end when nobody needs them any more. */
    private final Set<ProcessIdentity> outlived = new HashSet<>();

    private long succeedsSinceNanos;
    private RestartDelay restarts = RestartDelay.NONE;
    private long startedNanos;
    private long dueNanos;

    Child(ChildSpec spec, ChildCommand command, RunFiles files, Consumer<Event> events) {
        this.spec = spec;
        this.command = command;
        this.files = files;
        this.events = events;
        this.dueNanos = System.nanoTime();
    }

    ChildSpec spec() {
        return spec;
    }

    @Nullable ProcessIdentity process() {
        return process;
    }

    boolean isRunning() {
        return process != null;
    }

    /** Time until it should be started; negative when it should have been. */
    long dueInNanos() {
        return dueNanos - System.nanoTime();
    }

    /**
     * Takes up the process that holds the child's lock, else starts one.
     *
     * @return whether it was there already
     */
    boolean start() {
        startedNanos = System.nanoTime();
        Optional<ProcessIdentity> running = RunLock.holder(files.lock(spec.name()));
        if (running.isPresent()) {
            process = running.get();
            PidFd.onExit(
                    running.get(), () -> ended(running.get(), "not our child, exit code unknown"));
            return true;
        }
        try {
            launch();
        } catch (IOException e) {
            LOG.errorf("cannot start child=%s: %s", spec.name(), e.getMessage());
            plan();
        }
        return false;
    }

    private void launch() throws IOException {
        process = launch(spec);
    }

    /** Starts one that is to take over from the one that runs. */
    void replace() {
        if (spec.takeOver().isEmpty()) {
            return;
        }
        if (process == null || successor != null) {
            LOG.warnf(
                    "child not replaced child=%s reason=%s",
                    spec.name(), process == null ? "it does not run" : "it is being replaced");
            return;
        }
        try {
            succeedsSinceNanos = System.nanoTime();
            successor = launch(spec.successor());
        } catch (IOException e) {
            LOG.errorf("cannot start child=%s: %s", spec.name(), e.getMessage());
        }
    }

    /** A successor that has the lock is the child from now on; one that is late is ended. */
    void watchSuccessor() {
        ProcessIdentity next = successor;
        if (next == null) {
            return;
        }
        if (RunLock.holder(files.lock(spec.name())).filter(next::equals).isPresent()) {
            succeed(next);
        } else if (System.nanoTime() - succeedsSinceNanos > SUCCESSION.toNanos()) {
            LOG.errorf("successor has not taken over child=%s pid=%d", spec.name(), next.pid());
            signal(next, Signal.KILL);
        }
    }

    private void succeed(ProcessIdentity next) {
        ProcessIdentity before = process;
        if (before != null) {
            outlived.add(before);
        }
        process = next;
        successor = null;
        startedNanos = succeedsSinceNanos;
        LOG.infof("child replaced child=%s pid=%d", spec.name(), next.pid());
    }

    private ProcessIdentity launch(ChildSpec spec) throws IOException {
        // A session of its own: a terminal's Ctrl-C is for us, who stop the children in order.
        List<String> line = new ArrayList<>(List.of("setsid", "--"));
        line.addAll(command.line(spec));
        ProcessBuilder builder = new ProcessBuilder(line);
        for (String ofSystemd : List.of("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")) {
            builder.environment().remove(ofSystemd);
        }
        builder.redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Process started = builder.start();
        ProcessIdentity identity =
                ProcessInfo.read(started.pid())
                        .map(ProcessInfo::identity)
                        .orElseGet(() -> new ProcessIdentity(started.pid(), 0));
        var _ = started.onExit().thenAccept(p -> ended(identity, explain(p.exitValue())));
        LOG.infof("child started child=%s pid=%d", spec.name(), started.pid());
        return identity;
    }

    private void ended(ProcessIdentity which, String how) {
        events.accept(new Event.ChildEnded(spec.name(), which, how));
    }

    private static String explain(int exitCode) {
        return exitCode > SIGNALLED
                ? "killed by " + Signal.describe(exitCode - SIGNALLED)
                : "exit code " + exitCode;
    }

    /**
     * Plans the restart of an ended process; news of one that is not ours any more is ignored.
     *
     * @param isWanted false while the whole node stops
     */
    void ended(Event.ChildEnded end, boolean isWanted) {
        ProcessIdentity next = successor;
        if (end.process().equals(next)) {
            successor = null;
            LOG.warnf(
                    "successor ended child=%s pid=%d reason=%s: the one before goes on",
                    spec.name(), end.process().pid(), end.how());
            return;
        }
        if (outlived.remove(end.process())) {
            LOG.infof("child before ended child=%s pid=%d", spec.name(), end.process().pid());
            return;
        }
        if (!end.process().equals(process)) {
            return;
        }
        process = null;
        if (next != null) {
            succeed(next);
            return;
        }
        plan();
        if (!isWanted) {
            LOG.infof(
                    "child ended child=%s pid=%d reason=%s",
                    spec.name(), end.process().pid(), end.how());
            return;
        }
        LOG.warnf(
                "child ended child=%s pid=%d reason=%s restart_in_ms=%d",
                spec.name(), end.process().pid(), end.how(), Math.max(0, dueInNanos() / 1_000_000));
    }

    private void plan() {
        restarts = restarts.ended(Duration.ofNanos(System.nanoTime() - startedNanos));
        dueNanos = System.nanoTime() + restarts.delay().toNanos();
    }

    /** Nothing when it does not run. */
    void signal(Signal signal) {
        ProcessIdentity running = process;
        if (running != null) {
            signal(running, signal);
        }
    }

    /** Those before it, and the one that is to follow. */
    void signalOthers(Signal signal) {
        outlived.forEach(each -> signal(each, signal));
        ProcessIdentity next = successor;
        if (next != null) {
            signal(next, signal);
        }
    }

    private void signal(ProcessIdentity which, Signal signal) {
        try {
            Signals.send(which, signal);
        } catch (IOException e) {
            LOG.errorf("child=%s: %s", spec.name(), e.getMessage());
        }
    }

    /** For logs: a stopped process will never say HELLO. */
    boolean isStopped() {
        return process != null
                && ProcessInfo.read(process.pid()).filter(ProcessInfo::isStopped).isPresent();
    }
}
