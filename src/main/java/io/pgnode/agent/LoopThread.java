package io.pgnode.agent;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** A {@link Loop} on a platform thread of its own. */
public final class LoopThread implements Loop, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LoopThread.class);

    private final ScheduledThreadPoolExecutor executor;
    private final LongSupplier bootClock;
    private final InstantSource wallClock;

    /**
     * @param name of the thread
     * @param priority of the thread, {@link Thread#MIN_PRIORITY}..{@link Thread#MAX_PRIORITY}
     */
    public LoopThread(String name, int priority, LongSupplier bootClock, InstantSource wallClock) {
        this.bootClock = bootClock;
        this.wallClock = wallClock;
        this.executor =
                new ScheduledThreadPoolExecutor(
                        1,
                        Thread.ofPlatform().name(name).daemon(true).priority(priority).factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public long nanos() {
        return bootClock.getAsLong();
    }

    @Override
    public Instant wallClock() {
        return wallClock.instant();
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException _) {
            LOG.debug("task after the loop ended");
        }
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        try {
            Future<?> future =
                    executor.schedule(guarded(task), Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException _) {
            LOG.debug("timer after the loop ended");
            return () -> {};
        }
    }

    /** A task that fails is a bug: it is logged, and the loop goes on. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("a task of the loop failed", e);
            }
        };
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
