package io.pgnode.cli;

import io.pgnode.os.AtomicFile;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The file with the number of the pooler's process. */
final class PoolerPidFile {
    private static final String MODE = "rw-r--r--";
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    private final String name;

    /**
     * @param name empty for none
     */
    PoolerPidFile(String name) {
        this.name = name;
    }

    /**
     * Writes our number, unless another lives.
     *
     * @param takeOver how long to wait for the other to end after it was told to; zero to refuse
     */
    void claim(Duration takeOver) throws IOException, InterruptedException {
        if (name.isEmpty()) {
            return;
        }
        Path path = Path.of(name);
        Optional<ProcessHandle> other = other(path);
        if (other.isPresent()) {
            if (takeOver.isZero() || !isGone(other.get(), takeOver)) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "pidfile exists, another instance running? " + path,
                        "stop process " + other.get().pid() + ", or start with -R");
            }
        }
        write();
    }

    /** Our number, whosever stands there. */
    void write() throws IOException {
        if (!name.isEmpty()) {
            AtomicFile.write(Path.of(name), ProcessHandle.current().pid() + "\n", MODE);
        }
    }

    private static Optional<ProcessHandle> other(Path path) throws IOException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        String text = Files.readString(path).strip();
        return text.matches("[0-9]{1,9}")
                ? ProcessHandle.of(Long.parseLong(text))
                        .filter(ProcessHandle::isAlive)
                        .filter(process -> process.pid() != ProcessHandle.current().pid())
                : Optional.empty();
    }

    private static boolean isGone(ProcessHandle other, Duration limit)
            throws IOException, InterruptedException {
        CompletableFuture<ProcessHandle> end = other.onExit();
        if (!Signals.send(other.pid(), Signal.TERM)) {
            return true;
        }
        if (hasEnded(end, limit)) {
            return true;
        }
        // It waits for its clients to leave; a second signal ends it.
        var _ = Signals.send(other.pid(), Signal.TERM);
        return hasEnded(end, AT_ONCE);
    }

    private static boolean hasEnded(CompletableFuture<ProcessHandle> end, Duration limit)
            throws InterruptedException {
        try {
            end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    /** Deletes the file, unless a successor has written its number. */
    void release() throws IOException {
        if (!name.isEmpty() && isOurs(Path.of(name))) {
            Files.deleteIfExists(Path.of(name));
        }
    }

    private static boolean isOurs(Path path) throws IOException {
        return Files.exists(path)
                && Files.readString(path)
                        .strip()
                        .equals(Long.toString(ProcessHandle.current().pid()));
    }
}
