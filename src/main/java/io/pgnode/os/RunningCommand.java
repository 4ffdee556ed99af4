package io.pgnode.os;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A started {@link Command}. Thread-safe; one thread awaits it, any thread may cancel it.
 *
 * <p>Output is read by two daemon threads, so the program never waits for us.
 */
public final class RunningCommand {
    /** For a grandchild that keeps the pipes open after the program has ended. */
    private static final Duration OUTPUT_GRACE = Duration.ofMillis(500);

    private final Command command;
    private final Process process;
    private final OutputReader out;
    private final OutputReader err;
    private final long startNanos = System.nanoTime();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    RunningCommand(Command command, Process process) {
        this.command = command;
        this.process = process;
        String name = "command-" + process.pid();
        this.out =
                OutputReader.start(
                        process.getInputStream(),
                        command.outLines == null ? command.captureBytes : 0,
                        command.outLines,
                        name + "-out");
        this.err =
                OutputReader.start(
                        process.getErrorStream(),
                        command.captureBytes,
                        command.errLines,
                        name + "-err");
        if (command.stdin.length > 0) {
            Thread.ofPlatform().name(name + "-in").daemon(true).start(this::feed);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /**
     * Waits for the end or the deadline, at which the process tree is killed.
     *
     * @throws InterruptedException after the process tree was killed
     */
    public CommandResult await() throws InterruptedException {
        boolean timedOut = false;
        try {
            long left = command.deadline.toNanos() - (System.nanoTime() - startNanos);
            if (!process.waitFor(left, TimeUnit.NANOSECONDS)) {
                timedOut = true;
                killTree();
            }
            int exitCode = process.waitFor();
            long outputDeadline = System.nanoTime() + OUTPUT_GRACE.toNanos();
            String captured = out.text(outputDeadline);
            String errors = err.text(outputDeadline);
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            return new CommandResult(exitCode, captured, errors, timedOut, elapsed);
        } catch (InterruptedException e) {
            cancel();
            throw e;
        }
    }

    /** Kills the process tree: SIGTERM, then SIGKILL. Returns at once; await tells the end. */
    public void cancel() {
        if (cancelled.compareAndSet(false, true)) {
            Thread.ofPlatform()
                    .name("command-" + process.pid() + "-kill")
                    .daemon(true)
                    .start(
                            () -> {
                                try {
                                    killTree();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
        }
    }

    private void killTree() throws InterruptedException {
        List<ProcessIdentity> tree = tree();
        signal(tree, Signal.TERM);
        process.waitFor(command.killGrace.toNanos(), TimeUnit.NANOSECONDS);
        // Children of the first moment may be orphans now, so they are remembered by identity.
        tree.addAll(tree());
        signal(tree, Signal.KILL);
    }

    private List<ProcessIdentity> tree() {
        List<ProcessIdentity> tree = new ArrayList<>();
        if (process.isAlive()) {
            ProcessIdentity.of(process.pid()).ifPresent(tree::add);
            tree.addAll(ProcessTree.descendants(process.pid()));
        }
        return tree;
    }

    private static void signal(List<ProcessIdentity> tree, Signal signal) {
        for (ProcessIdentity member : tree) {
            try {
                Signals.send(member, signal);
            } catch (IOException e) {
                // Another user's process (a setuid program): it ends with its pipes.
            }
        }
    }

    private void feed() {
        try (OutputStream input = process.getOutputStream()) {
            input.write(command.stdin);
        } catch (IOException e) {
            // The program closed its input; its exit code tells whether that was an error.
        }
    }
}
