package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Pushes files before PostgreSQL asks for them, several at a time. It remembers what it pushed
 * until PostgreSQL has taken notice, which is when the {@code .ready} mark is gone; a restart
 * forgets it, and then the file is found in the repository.
 *
 * <p>Memory: at most as many files are remembered as are looked ahead for, and those that
 * PostgreSQL asks for itself. A repository that fails is tried again after a growing pause, or at
 * once when PostgreSQL asks.
 */
final class PushDesk implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PushDesk.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration LOOK_AT_MOST_EVERY = Duration.ofMillis(20);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 4;

    /** Files that some repositories have and others cannot take; a few hundred bytes each. */
    private static final int MAX_STUCK = 4096;

    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

    private final ReadyFiles ready;
    private final Push push;
    private final int workers;
    private final int lookAhead;
    private final LongSupplier nanos;
    private final ExecutorService executor;
    private final Thread scout;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();

    // All guarded by the lock.
    private final Map<String, Job> jobs = new HashMap<>();
    private int waiting; // jobs that have not ended
    private int failures; // in a row
    private boolean isLookWanted;
    private boolean isClosed;
    private long pushed;
    private long quarantined;
    private long failed;
    private @Nullable BackupException lastFailure;

    /** Does it; {@link WalPusher#push}. */
    interface Push {
        WalPusher.Outcome push(WalFile file, Path source, Set<Integer> done, boolean isAhead)
                throws BackupException;

        boolean isWorthTrying(Set<Integer> done);
    }

    /** Which content a path had: PostgreSQL gives a file's name to other content at times. */
    private record Content(@Nullable Object key, long size, FileTime modified) {
        static Content of(Path path) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Content(
                    attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        }
    }

    /** A file that is to be pushed, or was; guarded by the desk's lock but for what is final. */
    private static final class Job {
        final WalFile file;
        final Path path;
        final Content content;
        final Set<Integer> done = ConcurrentHashMap.newKeySet();

        int failures;
        long notBeforeNanos;
        boolean wasStuck; // some repositories had it when others could not take it

        /** Of the attempt that is under way, or of the last one. */
        CompletableFuture<WalPusher.Outcome> attempt = new CompletableFuture<>();

        Job(WalFile file, Path path, Content content) {
            this.file = file;
            this.path = path;
            this.content = content;
        }
    }

    /**
     * @param workers how many files at a time
     * @param lookAhead how many files before PostgreSQL asks
     * @param nanos a monotonic clock
     */
    PushDesk(ReadyFiles ready, Push push, int workers, int lookAhead, LongSupplier nanos) {
        this.ready = ready;
        this.push = push;
        this.workers = workers;
        this.lookAhead = lookAhead;
        this.nanos = nanos;
        this.executor =
                Executors.newFixedThreadPool(
                        workers,
                        Thread.ofPlatform().name("archive-push-", 1).daemon(true).factory());
        this.scout = Thread.ofPlatform().name("archive-ready").daemon(true).unstarted(this::scout);
    }

    void start() {
        scout.start();
    }

    /**
     * PostgreSQL asks for a file: what becomes of the attempt that is under way, of the one that
     * succeeded, or of a new one. Fails with a {@link BackupException}.
     */
    CompletableFuture<WalPusher.Outcome> push(WalFile file, Path path) throws IOException {
        Content content = Content.of(path);
        lock.lock();
        try {
            Job job = jobs.get(file.name());
            if (job == null || !job.content.equals(content)) {
                job = new Job(file, path, content);
                jobs.put(file.name(), job);
                start(job, false);
            } else if (job.attempt.isCompletedExceptionally()) {
                job.attempt = new CompletableFuture<>();
                start(job, false);
            }
            look();
            return job.attempt;
        } finally {
            lock.unlock();
        }
    }

    /** What it does, for metrics. */
    ArchiverStatus status() {
        lock.lock();
        try {
            return new ArchiverStatus(
                    pushed,
                    quarantined,
                    failed,
                    waiting,
                    jobs.size() - waiting,
                    lastFailure != null && failures > 0 ? WalPusher.withoutHint(lastFailure) : "");
        } finally {
            lock.unlock();
        }
    }

    /** With the lock. */
    private void start(Job job, boolean isAhead) {
        CompletableFuture<WalPusher.Outcome> attempt = job.attempt;
        if (isClosed) {
            attempt.completeExceptionally(stopping());
            return;
        }
        waiting++;
        try {
            executor.execute(() -> run(job, attempt, isAhead));
        } catch (RejectedExecutionException e) {
            waiting--;
            attempt.completeExceptionally(stopping());
        }
    }

    private static BackupException stopping() {
        return new BackupException(BackrestExit.TERMINATED, "the archiver is stopping");
    }

    private void run(Job job, CompletableFuture<WalPusher.Outcome> attempt, boolean isAhead) {
        try {
            WalPusher.Outcome outcome = push.push(job.file, job.path, job.done, isAhead);
            if (!job.content.equals(Content.of(job.path))) {
                throw new BackupException(
                        BackrestExit.FILE_INVALID, job.path + " changed while it was read");
            }
            ended(job, outcome, null);
            attempt.complete(outcome);
        } catch (BackupException e) {
            ended(job, null, e);
            attempt.completeExceptionally(e);
        } catch (IOException e) {
            BackupException failure =
                    new BackupException(
                            BackrestExit.FILE_READ,
                            "cannot read " + job.path + ": " + e.getMessage(),
                            null,
                            e);
            ended(job, null, failure);
            attempt.completeExceptionally(failure);
        } catch (RuntimeException | Error e) {
            BackupException failure =
                    new BackupException(
                            BackrestExit.ASSERT,
                            job.file.name() + " is not archived: " + e,
                            null,
                            e);
            LOG.errorf(e, "push failed: file=%s", job.file.name());
            ended(job, null, failure);
            attempt.completeExceptionally(failure);
        }
    }

    private void ended(
            Job job, WalPusher.@Nullable Outcome outcome, @Nullable BackupException failure) {
        lock.lock();
        try {
            waiting--;
            if (failure == null) {
                failures = 0;
                if (outcome != null && outcome.kind() == WalPusher.Kind.QUARANTINED) {
                    quarantined++;
                    LOG.warn(outcome.note());
                } else {
                    pushed++;
                }
            } else if (!isClosed && Files.exists(job.path)) {
                failed++;
                failures++;
                job.wasStuck |= !job.done.isEmpty();
                job.failures = Math.min(job.failures + 1, MAX_DOUBLINGS + 1);
                job.notBeforeNanos =
                        nanos.getAsLong() + (FIRST_PAUSE.toNanos() << (job.failures - 1)) / 2;
                if (lastFailure == null || !sameText(lastFailure, failure)) {
                    LOG.warnf(
                            "push failed: file=%s reason=%s", job.file.name(), OneLine.of(failure));
                }
                lastFailure = failure;
            }
            if (waiting < workers) {
                look();
            }
        } finally {
            lock.unlock();
        }
    }

    private static boolean sameText(BackupException one, BackupException other) {
        return OneLine.of(one).equals(OneLine.of(other));
    }

    /** With the lock. */
    private void look() {
        if (lookAhead > 0 && waiting < 2 * workers) {
            isLookWanted = true;
            wanted.signal();
        }
    }

    private void scout() {
        while (awaitWish()) {
            try {
                lookAhead(ready.first(lookAhead + stuck()));
                // Looking costs a listing; several wishes in a row are one.
                Thread.sleep(LOOK_AT_MOST_EVERY);
            } catch (IOException | RuntimeException e) {
                LOG.warnf("cannot look for files to archive: %s", e.getMessage());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Whether to look; false at the end. */
    private boolean awaitWish() {
        lock.lock();
        try {
            long rest = LOOK_EVERY.toNanos();
            while (!isClosed && !isLookWanted && rest > 0) {
                rest = wanted.awaitNanos(rest);
            }
            isLookWanted = false;
            return !isClosed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Those behind them are pushed to the repositories that work. */
    private int stuck() {
        lock.lock();
        try {
            return (int)
                    jobs.values().stream().filter(job -> job.wasStuck).limit(MAX_STUCK).count();
        } finally {
            lock.unlock();
        }
    }

    /**
     * @param files that PostgreSQL waits for, in order
     */
    private void lookAhead(List<WalFile> files) throws IOException {
        Map<String, Content> contents = new HashMap<>();
        for (WalFile file : files) {
            Path path = ready.path(file);
            if (Files.exists(path)) {
                contents.put(file.name(), Content.of(path));
            }
        }
        lock.lock();
        try {
            jobs.values().removeIf(job -> job.attempt.isDone() && !ready.isReady(job.file));
            for (WalFile file : files) {
                Content content = contents.get(file.name());
                if (content == null || waiting >= lookAhead) {
                    continue;
                }
                Job job = jobs.get(file.name());
                if (job == null || !job.content.equals(content)) {
                    job = new Job(file, ready.path(file), content);
                    if (push.isWorthTrying(job.done)) {
                        jobs.put(file.name(), job);
                        start(job, true);
                    }
                } else if (job.attempt.isCompletedExceptionally()
                        && nanos.getAsLong() - job.notBeforeNanos >= 0
                        && push.isWorthTrying(job.done)) {
                    job.attempt = new CompletableFuture<>();
                    start(job, true);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends what is under way, or lets it go: what was not acknowledged is asked for again. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            wanted.signalAll();
        } finally {
            lock.unlock();
        }
        executor.shutdown();
        try {
            if (!executor.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
        lock.lock();
        try {
            // No effect on those that ended.
            jobs.values().forEach(job -> job.attempt.completeExceptionally(stopping()));
        } finally {
            lock.unlock();
        }
    }
}
