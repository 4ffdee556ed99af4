package io.pgnode.agent;

import io.pgnode.os.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@link PromiseStore} in a file of the run directory: one line with the boot's id, the end of the
 * promise on the boot-time clock, and how long it was when it was made, both in nanoseconds.
 *
 * <p>The end means nothing after a reboot, in which the clock begins anew. A file that survived one
 * counts with its whole length from now on, since it was made before. A file that cannot be read
 * counts as {@link #LONGEST}.
 */
final class PromiseFile implements PromiseStore {
    /** Far longer than any lease that makes sense. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Logger LOG = Logger.getLogger(PromiseFile.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int MAX_BYTES = 200;

    private final Path path;
    private final String bootId;
    private final LongSupplier bootClock;
    private final ReentrantLock lock = new ReentrantLock();

    /** Under the lock. */
    private long keptUntilNanos;

    /**
     * @param bootId another one after each boot of the host
     */
    PromiseFile(Path path, String bootId, LongSupplier bootClock) {
        this.path = path;
        this.bootId = bootId;
        this.bootClock = bootClock;
    }

    /** The id of this boot of the host, as the kernel tells it. */
    static String bootId() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }

    @Override
    public long untilNanos() {
        try {
            return until(read());
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf(
                    "cannot tell what this member promised a leader without a DCS, it does not run"
                            + " for leader for %d s: %s: %s",
                    LONGEST.toSeconds(), path, e);
            return bootClock.getAsLong() + LONGEST.toNanos();
        }
    }

    private String read() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        }
    }

    private long until(String line) {
        String[] fields = line.strip().split(" ", -1);
        if (fields.length != 3 || !line.endsWith("\n")) {
            throw new IllegalArgumentException("not a promise");
        }
        long until = Long.parseLong(fields[1]);
        long length = Long.parseLong(fields[2]);
        long now = bootClock.getAsLong();
        boolean isPlausible = length >= 0 && (!fields[0].equals(bootId) || until - now <= length);
        if (!isPlausible) {
            throw new IllegalArgumentException("its end is later than it was when it was made");
        }
        return fields[0].equals(bootId) ? until : now + length;
    }

    @Override
    public CompletableFuture<@Nullable Void> keep(long untilNanos) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        Thread.startVirtualThread(
                () -> {
                    try {
                        write(untilNanos);
                        done.complete(null);
                    } catch (IOException e) {
                        done.completeExceptionally(
                                new IOException("cannot write " + path + ": " + e, e));
                    }
                });
        return done;
    }

    private void write(long untilNanos) throws IOException {
        lock.lock();
        try {
            if (untilNanos - keptUntilNanos <= 0) {
                return;
            }
            long length = Math.max(0, untilNanos - bootClock.getAsLong());
            AtomicFile.write(
                    path, bootId + " " + untilNanos + " " + length + "\n", AtomicFile.OWNER_ONLY);
            keptUntilNanos = untilNanos;
        } finally {
            lock.unlock();
        }
    }
}
