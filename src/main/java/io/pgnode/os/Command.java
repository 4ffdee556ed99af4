package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program to run to its end: arguments without a shell, a deadline, captured output.
 *
 * <pre>{@code
 * CommandResult result = Command.of("pg_controldata", "-D", dir).env("LC_ALL", "C")
 *         .deadline(Duration.ofSeconds(5)).run();
 * }</pre>
 *
 * <p>Set up by one thread; each {@link #run} or {@link #start} is a process of its own.
 */
public final class Command {
    /** Enough for what a tool says; more than that is a stream for {@link #onOutLine}. */
    public static final int DEFAULT_CAPTURE_BYTES = 256 * 1024;

    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(60);

    final List<String> args;
    final Map<String, @Nullable String> environment = new LinkedHashMap<>();
    @Nullable Path directory;
    byte[] stdin = {};
    Duration deadline = DEFAULT_DEADLINE;
    Duration killGrace = Duration.ofSeconds(1);
    int captureBytes = DEFAULT_CAPTURE_BYTES;
    @Nullable Consumer<String> outLines;
    @Nullable Consumer<String> errLines;

    private Command(List<String> args) {
        if (args.isEmpty()) {
            throw new IllegalArgumentException("a command needs a program");
        }
        this.args = List.copyOf(args);
    }

    public static Command of(String program, String... arguments) {
        List<String> args = new ArrayList<>();
        args.add(program);
        args.addAll(Arrays.asList(arguments));
        return new Command(args);
    }

    public static Command of(List<String> args) {
        return new Command(args);
    }

    /** Adds to the inherited environment; the place for secrets, never the arguments. */
    public Command env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public Command withoutEnv(String name) {
        environment.put(name, null);
        return this;
    }

    public Command directory(Path directory) {
        this.directory = directory;
        return this;
    }

    /** Given to the program, then closed; without it the program reads /dev/null. */
    public Command stdin(byte[] stdin) {
        this.stdin = stdin.clone();
        return this;
    }

    /** Counted from the start; then the process tree is killed. Default 60 s. */
    public Command deadline(Duration deadline) {
        this.deadline = deadline;
        return this;
    }

    /** Time between SIGTERM and SIGKILL when it is killed. Default 1 s. */
    public Command killGrace(Duration grace) {
        this.killGrace = grace;
        return this;
    }

    /** Limit of captured output, for each of both streams; the rest is read and dropped. */
    public Command captureBytes(int bytes) {
        this.captureBytes = bytes;
        return this;
    }

    /**
     * Receives each line of standard output instead of capturing it, on a thread of the command.
     */
    public Command onOutLine(Consumer<String> lines) {
        this.outLines = lines;
        return this;
    }

    /** Receives each line of standard error while it is captured as well; a CR ends a line too. */
    public Command onErrLine(Consumer<String> lines) {
        this.errLines = lines;
        return this;
    }

    /**
     * Runs it to its end or the deadline.
     *
     * @throws IOException when it cannot be started
     * @throws InterruptedException when this thread is interrupted; the process tree is dead then
     */
    public CommandResult run() throws IOException, InterruptedException {
        return start().await();
    }

    /**
     * @throws IOException when it cannot be started
     */
    public RunningCommand start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(args);
        environment.forEach(
                (name, value) -> {
                    if (value == null) {
                        builder.environment().remove(name);
                    } else {
                        builder.environment().put(name, value);
                    }
                });
        // Only the supervisor talks to systemd.
        builder.environment().remove("NOTIFY_SOCKET");
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        if (stdin.length == 0) {
            builder.redirectInput(Path.of("/dev/null").toFile());
        }
        return new RunningCommand(this, builder.start());
    }

    /** The program and its arguments; never environment or input, which may hold secrets. */
    @Override
    public String toString() {
        return String.join(" ", args);
    }
}
