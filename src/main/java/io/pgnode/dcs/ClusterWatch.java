package io.pgnode.dcs;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A subscription: reads all keys, then follows their changes. When the history to follow is gone it
 * reads again; when reading fails it waits and tries again, for as long as it is not closed.
 *
 * <p>Thread-safe: the lock orders the store's threads, and is held while the listener runs, so that
 * views arrive one after the other and none after {@link #close} returned on another thread.
 */
final class ClusterWatch implements ClusterStore.Subscription {
    private static final Logger LOG = Logger.getLogger(ClusterWatch.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Dcs dcs;
    private final ClusterKeys keys;
    private final Duration timeout;
    private final ClusterStore.Delayer delayer;
    private final ClusterStore.Listener listener;
    private final ReentrantLock lock = new ReentrantLock();

    // All below: guarded by the lock.
    private boolean closed;
    private Duration pause = FIRST_PAUSE;
    private long lastRevision;
    private ViewBuilder builder;
    private Dcs.@Nullable Watch watch;

    ClusterWatch(
            Dcs dcs,
            ClusterKeys keys,
            Duration timeout,
            ClusterStore.Delayer delayer,
            ClusterStore.Listener listener) {
        this.dcs = dcs;
        this.keys = keys;
        this.timeout = timeout;
        this.delayer = delayer;
        this.listener = listener;
        this.builder = new ViewBuilder(keys);
    }

    void start() {
        var _ =
                dcs.range(keys.prefix(), timeout)
                        .whenComplete(
                                (range, failure) ->
                                        locked(
                                                () -> {
                                                    if (failure == null) {
                                                        follow(range);
                                                    } else {
                                                        retry(DcsException.of(failure));
                                                    }
                                                }));
    }

    private void follow(Dcs.Range range) {
        pause = FIRST_PAUSE;
        builder = new ViewBuilder(keys);
        range.pairs().forEach(builder::put);
        publish(range.revision());
        if (!closed) { // the listener may have closed us
            watch = dcs.watch(keys.prefix(), range.revision() + 1, new Follower());
        }
    }

    private void publish(long revision) {
        // A re-read of an unchanged store tells nothing new; one that lost its data restarts lower.
        if (revision != lastRevision) {
            lastRevision = revision;
            try {
                listener.onView(builder.view(revision));
            } catch (RuntimeException e) { // a bug there must not end the flow of views
                LOG.errorf(e, "a listener failed on a view: revision=%d", revision);
            }
        }
    }

    private void retry(DcsException why) {
        if (why.kind() != DcsException.Kind.CLOSED) {
            Duration now = pause;
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
            delayer.after(now, () -> locked(this::start));
        }
        listener.onInterrupted(why);
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            if (!closed) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (watch != null) {
                watch.close();
                watch = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private final class Follower implements Dcs.WatchListener {
        @Override
        public void onEvents(long revision, List<Dcs.Event> events) {
            locked(
                    () -> {
                        events.forEach(builder::apply);
                        publish(revision);
                    });
        }

        @Override
        public void onInterrupted(DcsException why) {
            locked(() -> listener.onInterrupted(why));
        }

        @Override
        public void onLost(DcsException why) {
            locked(
                    () -> {
                        watch = null;
                        listener.onInterrupted(why);
                        start();
                    });
        }
    }
}
