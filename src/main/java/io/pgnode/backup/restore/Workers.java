package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Does jobs with some threads, each the next one when it is through with one. The first failure
 * stops them all, and is the whole's.
 */
final class Workers {
    private final int count;

    Workers(int count) {
        this.count = count;
    }

    /** A piece of work. */
    @FunctionalInterface
    interface Job<T> {
        void run(T item) throws IOException, BackupException;
    }

    <T> void all(List<T> items, Job<T> job) throws IOException, BackupException {
        if (items.isEmpty()) {
            return;
        }
        Iterator<T> queue = items.iterator();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Runnable loop =
                () -> {
                    while (failure.get() == null) {
                        T item;
                        synchronized (queue) {
                            if (!queue.hasNext()) {
                                return;
                            }
                            item = queue.next();
                        }
                        try {
                            job.run(item);
                        } catch (Throwable e) {
                            failure.compareAndSet(null, e);
                        }
                    }
                };
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < Math.min(count, items.size()); i++) {
            threads.add(Thread.ofPlatform().daemon().name("restore-" + i).start(loop));
        }
        loop.run();
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                    failure.compareAndSet(
                            null,
                            new BackupException(
                                    BackrestExit.TERMINATED, "the restore was interrupted"));
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        rethrow(failure.get());
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException, BackupException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case BackupException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
