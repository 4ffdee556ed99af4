package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings the segments that come after the one that PostgreSQL asked for, before it asks. They lie
 * in a directory within {@code pg_wal}, so that handing one over is a rename.
 *
 * <p>A segment is handed out under its exact name only, timeline and all, and was verified when it
 * came; so a switch to another timeline needs no care: it asks for other names, and those of the
 * old one are thrown away when the next segment is found. That something was absent is never
 * remembered for a segment, and for a moment only for a timeline's history, which recovery asks for
 * again and again.
 */
final class Prefetcher implements WalSupply, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Prefetcher.class);
    static final String DIRECTORY = "pgnode-prefetch";

    /** A request of an object store is spared; a new timeline is seen as soon as that. */
    private static final Duration NO_HISTORY = Duration.ofSeconds(2);

    /** The end of the log is not asked for with every segment. */
    private static final Duration NO_SEGMENT = Duration.ofSeconds(1);

    private static final int MAX_HISTORIES = 64;
    private static final int MAX_SEGMENTS = 1024;
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final WalSupply supply;
    private final Path spool;
    private final long bytes;
    private final LongSupplier nanos;
    private final ExecutorService executor;
    private final AtomicLong number = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Map<WalSegment, Ahead> window = new HashMap<>();
    private final Map<Integer, Long> absentHistories = new LinkedHashMap<>();
    private @Nullable WalSegment endOfLog;
    private long endOfLogNanos;

    /** A segment that is fetched ahead; its file belongs to whoever takes it out of the window. */
    private record Ahead(Path file, AtomicBoolean isBegun, CompletableFuture<Boolean> isThere) {}

    /**
     * @param wal the directory {@code pg_wal}
     * @param bytes of segments that are fetched ahead, at most
     * @param nanos a monotonic clock
     */
    Prefetcher(WalSupply supply, Path wal, long bytes, int workers, LongSupplier nanos) {
        this.supply = supply;
        this.spool = wal.resolve(DIRECTORY);
        this.bytes = bytes;
        this.nanos = nanos;
        this.executor =
                Executors.newFixedThreadPool(
                        workers,
                        Thread.ofPlatform().name("archive-prefetch-", 1).daemon(true).factory());
    }

    @Override
    public boolean fetch(WalFile file, Path destination) throws BackupException {
        return switch (file) {
            case WalFile.Segment(WalSegment segment) -> fetch(segment, file, destination);
            case WalFile.History(int timeline) -> fetch(timeline, file, destination);
            case WalFile.Partial _, WalFile.BackupHistory _ -> supply.fetch(file, destination);
        };
    }

    private boolean fetch(int timeline, WalFile file, Path destination) throws BackupException {
        long now = nanos.getAsLong();
        lock.lock();
        try {
            Long since = absentHistories.get(timeline);
            if (since != null && now - since < NO_HISTORY.toNanos()) {
                return false;
            }
            absentHistories.remove(timeline);
        } finally {
            lock.unlock();
        }
        boolean isThere = supply.fetch(file, destination);
        if (!isThere) {
            lock.lock();
            try {
                absentHistories.put(timeline, now);
                if (absentHistories.size() > MAX_HISTORIES) {
                    absentHistories.remove(absentHistories.keySet().iterator().next());
                }
            } finally {
                lock.unlock();
            }
        }
        return isThere;
    }

    private boolean fetch(WalSegment segment, WalFile file, Path destination)
            throws BackupException {
        boolean isThere = takeAhead(segment, destination) || supply.fetch(file, destination);
        if (isThere && bytes > 0) {
            lookAhead(segment, destination);
        }
        return isThere;
    }

    /** Whether it was fetched ahead, and is at the destination now. */
    private boolean takeAhead(WalSegment segment, Path destination) {
        Ahead ahead;
        lock.lock();
        try {
            ahead = window.remove(segment);
        } finally {
            lock.unlock();
        }
        // What has not begun is not waited for: others may be before it.
        if (ahead == null || ahead.isBegun().compareAndSet(false, true)) {
            return false;
        }
        if (!ahead.isThere().join()) {
            return false;
        }
        try {
            Files.move(
                    ahead.file(),
                    destination,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException e) {
            LOG.warnf(
                    "cannot use what was fetched ahead: file=%s: %s", ahead.file(), e.getMessage());
            remove(ahead.file());
            return false;
        }
    }

    /**
     * @param destination where the segment is: its size is that of all segments
     */
    private void lookAhead(WalSegment segment, Path destination) {
        try {
            long size = Files.size(destination);
            int count = (int) Math.min(bytes / Math.max(size, 1), MAX_SEGMENTS);
            if (!WalHeader.isSegmentSize(size) || count == 0) {
                return;
            }
            Files.createDirectories(spool);
            // What is fetched ahead must not be what fills the disk.
            if (Directories.freeBytes(spool) < 2 * bytes) {
                return;
            }
            Map<WalSegment, Integer> wanted = new LinkedHashMap<>();
            WalSegment next = segment.next((int) size);
            for (int i = 0; i < count; i++) {
                wanted.put(next, i);
                next = next.next((int) size);
            }
            move(wanted);
        } catch (IOException e) {
            LOG.warnf("cannot fetch ahead: %s", e.getMessage());
        }
    }

    private void move(Map<WalSegment, Integer> wanted) {
        lock.lock();
        try {
            window.entrySet()
                    .removeIf(
                            entry -> {
                                if (wanted.containsKey(entry.getKey())) {
                                    return false;
                                }
                                forget(entry.getValue());
                                return true;
                            });
            for (WalSegment segment : wanted.keySet()) {
                if (isBeyondEnd(segment)) {
                    return;
                }
                Ahead known = window.get(segment);
                if (known != null && known.isThere().isDone() && !known.isThere().join()) {
                    window.remove(segment);
                    known = null;
                }
                if (known == null) {
                    window.put(segment, begin(segment));
                }
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("stopping");
        } finally {
            lock.unlock();
        }
    }

    /** With the lock. */
    private boolean isBeyondEnd(WalSegment segment) {
        WalSegment end = endOfLog;
        return end != null
                && end.timeline() == segment.timeline()
                && end.compareTo(segment) <= 0
                && nanos.getAsLong() - endOfLogNanos < NO_SEGMENT.toNanos();
    }

    /** With the lock. */
    private Ahead begin(WalSegment segment) {
        Ahead ahead =
                new Ahead(newFile(segment.text()), new AtomicBoolean(), new CompletableFuture<>());
        executor.execute(() -> run(segment, ahead));
        return ahead;
    }

    private void run(WalSegment segment, Ahead ahead) {
        if (!ahead.isBegun().compareAndSet(false, true)) {
            return; // whoever asked for it fetches it
        }
        boolean isThere = false;
        try {
            if (isWanted(segment, ahead)) {
                isThere = supply.fetch(new WalFile.Segment(segment), ahead.file());
                if (!isThere) {
                    sawEnd(segment);
                }
            }
        } catch (BackupException e) {
            // Whoever asks for it gets the error, if it is still there.
            LOG.debugf("not fetched ahead: file=%s reason=%s", segment, OneLine.of(e));
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "not fetched ahead: file=%s", segment);
        } finally {
            ahead.isThere().complete(isThere);
        }
    }

    @SuppressWarnings("ReferenceEquality") // another one may have taken its place
    private boolean isWanted(WalSegment segment, Ahead ahead) {
        lock.lock();
        try {
            return window.get(segment) == ahead && !isBeyondEnd(segment);
        } finally {
            lock.unlock();
        }
    }

    private void sawEnd(WalSegment segment) {
        lock.lock();
        try {
            endOfLog = segment;
            endOfLogNanos = nanos.getAsLong();
        } finally {
            lock.unlock();
        }
    }

    private static void forget(Ahead ahead) {
        if (ahead.isBegun().compareAndSet(false, true)) {
            return;
        }
        ahead.isThere()
                .thenAccept(
                        isThere -> {
                            if (isThere) {
                                remove(ahead.file());
                            }
                        });
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warnf("cannot remove file=%s: %s", file, e.getMessage());
        }
    }

    /**
     * A place for a file that is handed over: within {@code pg_wal}, under a name of its own, so
     * that whoever asked for it puts it where it shall be, by a rename, if still there.
     */
    Path newPlace() throws IOException {
        Files.createDirectories(spool);
        return newFile("out");
    }

    private Path newFile(String name) {
        return spool.resolve(name + "-" + number.incrementAndGet());
    }

    /** Removes what an earlier process left; only files that lie in a directory of ours. */
    void clean() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(spool)) {
            files.forEach(Prefetcher::remove);
        } catch (NoSuchFileException e) {
            LOG.debug("nothing was fetched ahead");
        } catch (IOException e) {
            LOG.warnf("cannot clean directory=%s: %s", spool, e.getMessage());
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a fetch ahead goes on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lock.lock();
        try {
            window.clear();
        } finally {
            lock.unlock();
        }
        clean();
    }
}
