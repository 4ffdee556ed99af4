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
import java.util.List;
import java.util.Optional;
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

    private final ChildSpec spec;
    private final ChildCommand command;
    private final RunFiles files;
    private final Consumer<Event> events;
    private @Nullable ProcessIdentity process;
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
        process = identity;
        var _ = started.onExit().thenAccept(p -> ended(identity, explain(p.exitValue())));
        LOG.infof("child started child=%s pid=%d", spec.name(), started.pid());
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
        if (!end.process().equals(process)) {
            return;
        }
        process = null;
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
        if (process == null) {
            return;
        }
        try {
            Signals.send(process, signal);
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
