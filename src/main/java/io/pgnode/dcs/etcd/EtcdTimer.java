package io.pgnode.dcs.etcd;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Runs steps now or later, each on a virtual thread of its own: a listener that blocks delays
 * nobody's deadline. Steps are dropped after {@link #close}. Thread-safe.
 */
final class EtcdTimer implements AutoCloseable {
    /** A step that has not run yet. */
    interface Pending {
        /** Too late is no error. */
        void cancel();
    }

    private final ScheduledThreadPoolExecutor clock;
    private final ExecutorService runners;

    EtcdTimer(ThreadFactory daemons) {
        clock = new ScheduledThreadPoolExecutor(1, daemons);
        clock.setRemoveOnCancelPolicy(true);
        runners =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("dcs-callback-", 0).factory());
    }

    /** Where gRPC runs its callbacks. */
    ExecutorService runners() {
        return runners;
    }

    void now(Runnable step) {
        try {
            runners.execute(step);
        } catch (RejectedExecutionException e) {
            // Closed: nobody waits for it any more.
        }
    }

    Pending after(long nanos, Runnable step) {
        try {
            var task = clock.schedule(() -> now(step), nanos, TimeUnit.NANOSECONDS);
            return () -> task.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    void every(long nanos, Runnable step) {
        var _ = clock.scheduleWithFixedDelay(() -> now(step), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        var _ = clock.shutdownNow();
        runners.shutdown();
    }
}
