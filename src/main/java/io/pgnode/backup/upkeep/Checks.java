package io.pgnode.backup.upkeep;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Runs checks on several threads; keeps so many waiting that all are busy, and no more. */
final class Checks implements AutoCloseable {
    private static final int WAITING_PER_WORKER = 16;

    private final ExecutorService workers;
    private final Semaphore room;
    private final List<Future<?>> running = new ArrayList<>();

    Checks(int workers) {
        this.workers =
                Executors.newFixedThreadPool(
                        workers, Thread.ofPlatform().name("verify-", 0).daemon().factory());
        this.room = new Semaphore(workers * WAITING_PER_WORKER);
    }

    /** Waits while there is enough to do. */
    void add(Runnable check) throws InterruptedException {
        room.acquire();
        running.removeIf(Checks::isDoneWell);
        running.add(
                workers.submit(
                        () -> {
                            try {
                                check.run();
                            } finally {
                                room.release();
                            }
                        }));
    }

    private static boolean isDoneWell(Future<?> future) {
        return future.state() == Future.State.SUCCESS;
    }

    /** Waits for all that were added. A check that failed by itself is a bug. */
    void await() throws InterruptedException {
        for (Future<?> future : running) {
            try {
                future.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a check of verify failed", e.getCause());
            }
        }
        running.clear();
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
