package io.pgnode.cli;

import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The views of a cluster as they come, for one thread that waits for them. */
final class ViewWatch implements AutoCloseable {
    private final LinkedBlockingQueue<ClusterView> views = new LinkedBlockingQueue<>();
    private final ClusterStore.Subscription subscription;
    private volatile @Nullable DcsException interruption;

    ViewWatch(ClusterStore store) {
        subscription = store.watch(new Collector());
    }

    private final class Collector implements ClusterStore.Listener {
        @Override
        public void onView(ClusterView view) {
            interruption = null;
            views.add(view);
        }

        @Override
        public void onInterrupted(DcsException why) {
            interruption = why;
        }
    }

    /** Why no views come at present; null while they do. */
    @Nullable DcsException interruption() {
        return interruption;
    }

    /** The next view; null when none comes within {@code timeout}. */
    @Nullable ClusterView next(Duration timeout) {
        try {
            return views.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.INTERRUPTED, "interrupted", "", e);
        }
    }

    /**
     * Shows each view to {@code each}, until one satisfies {@code condition}; null when none does
     * within {@code timeout}.
     */
    @Nullable ClusterView await(
            Predicate<ClusterView> condition, Duration timeout, Consumer<ClusterView> each) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            ClusterView view = left <= 0 ? null : next(Duration.ofNanos(left));
            if (view == null) {
                return null;
            }
            each.accept(view);
            if (condition.test(view)) {
                return view;
            }
        }
    }

    @Override
    public void close() {
        subscription.close();
    }
}
