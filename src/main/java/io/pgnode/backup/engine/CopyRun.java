package io.pgnode.backup.engine;

import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.engine.FileCopier.Done;
import io.pgnode.backup.engine.core.CopyJob;
import io.pgnode.backup.engine.core.CopyQueue;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Copies all files of a queue with several threads of its own; the calling one takes their results,
 * looks after the sessions, and ends all at the first failure.
 */
final class CopyRun {
    private static final long TICK_MILLIS = 200;

    /** What the calling thread does; none of it at the same time as another. */
    interface Host {
        /**
         * A file is done.
         *
         * @param file null when it went away
         */
        void done(CopyJob job, @Nullable ManifestFile file) throws BackupException;

        /** Several times a second. */
        void tick() throws BackupException;
    }

    private final FileCopier copier;
    private final ReadMeter meter;
    private final CopyQueue queue;
    private final int workers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Done> results = new ArrayList<>();
    private final AtomicReference<@Nullable BackupException> failure = new AtomicReference<>();
    private volatile boolean isEnding;
    private int running;

    CopyRun(FileCopier copier, ReadMeter meter, CopyQueue queue, int workers) {
        this.copier = copier;
        this.meter = meter;
        this.queue = queue;
        this.workers = workers;
    }

    void run(Host host) throws BackupException {
        List<Thread> threads = new ArrayList<>();
        running = workers;
        for (int i = 0; i < workers; i++) {
            int worker = i;
            threads.add(Thread.ofPlatform().name("backup-copy-" + i).start(() -> work(worker)));
        }
        BackupException failed = null;
        try {
            host(host);
        } catch (BackupException e) {
            failed = e;
            meter.end();
        } finally {
            isEnding = true;
            join(threads);
        }
        takeRest(host, failed);
        BackupException first = failed != null ? failed : failure.get();
        if (first != null) {
            throw first;
        }
    }

    private void host(Host host) throws BackupException {
        while (true) {
            List<Done> taken = new ArrayList<>();
            boolean isOver;
            lock.lock();
            try {
                if (results.isEmpty() && running > 0 && failure.get() == null) {
                    boolean _ = changed.await(TICK_MILLIS, TimeUnit.MILLISECONDS);
                }
                taken.addAll(results);
                results.clear();
                isOver = running == 0 || failure.get() != null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackupException(BackrestExit.TERMINATED, "the backup was interrupted");
            } finally {
                lock.unlock();
            }
            for (Done done : taken) {
                host.done(done.job(), done.file());
            }
            host.tick();
            if (isOver) {
                return;
            }
        }
    }

    /** What was stored before the end is worth knowing, also when the run failed. */
    private void takeRest(Host host, @Nullable BackupException failed) throws BackupException {
        for (Done done : results) {
            try {
                host.done(done.job(), done.file());
            } catch (BackupException e) {
                if (failed == null) {
                    throw e;
                }
                failed.addSuppressed(e);
                return;
            }
        }
    }

    private static void join(List<Thread> threads) {
        boolean isInterrupted = false;
        for (Thread thread : threads) {
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(int worker) {
        try {
            byte[] buffer = new byte[Pipeline.BLOCK_SIZE];
            while (!isEnding) {
                CopyQueue.Batch batch = next(worker);
                if (batch.jobs().isEmpty()) {
                    return;
                }
                publish(copy(batch, buffer));
            }
        } catch (BackupException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            fail(new BackupException(BackrestExit.ASSERT, "copying failed: " + e, null, e));
        } finally {
            lock.lock();
            try {
                running--;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void fail(BackupException e) {
        if (failure.compareAndSet(null, e)) {
            isEnding = true;
            meter.end();
        }
    }

    private CopyQueue.Batch next(int worker) {
        lock.lock();
        try {
            return queue.next(worker);
        } finally {
            lock.unlock();
        }
    }

    private List<Done> copy(CopyQueue.Batch batch, byte[] buffer) throws BackupException {
        try {
            return batch.isBundle()
                    ? copier.bundle(batch.jobs(), buffer)
                    : List.of(copier.alone(batch.jobs().getFirst(), buffer));
        } catch (InterruptedIOException e) {
            throw new BackupException(
                    BackrestExit.TERMINATED, "the backup was asked to stop", null, e);
        } catch (IOException e) {
            String what =
                    batch.isBundle()
                            ? batch.jobs().size()
                                    + " files from "
                                    + batch.jobs().getFirst().file().name()
                            : batch.jobs().getFirst().file().name();
            throw Failures.of("cannot copy " + what, e);
        }
    }

    private void publish(List<Done> done) {
        lock.lock();
        try {
            results.addAll(done);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
