package io.pgnode.agent;

import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.DcsException;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The newest view of the DCS: pushed by a watch, confirmed by a read in each cycle. Confined to the
 * agent's loop.
 *
 * <p>A view counts as readable while the DCS answered recently; its revision never goes back.
 */
final class ViewKeeper {
    private static final Logger LOG = Logger.getLogger(ViewKeeper.class);

    private final Loop loop;
    private final ClusterStore store;
    private final Runnable onNewView;
    private final Runnable onProof;

    /** Written on the loop; read by others too. */
    private volatile ClusterView view = ClusterView.EMPTY;

    private boolean seen;
    private boolean failing;
    private boolean isAfterGap;
    private long contactNanos;
    private long contactSeconds;
    private long provenNanos;
    private ClusterStore.@Nullable Subscription subscription;
    private boolean reading;
    private long readNanos = Long.MIN_VALUE / 2;

    /**
     * @param onNewView called for each newer view
     * @param onProof called whenever {@link #provenNanos} moved
     */
    ViewKeeper(Loop loop, ClusterStore store, Runnable onNewView, Runnable onProof) {
        this.loop = loop;
        this.store = store;
        this.onNewView = onNewView;
        this.onProof = onProof;
    }

    /** Begins to watch; what happened before is read first. */
    void start() {
        subscription =
                store.watch(
                        new ClusterStore.Listener() {
                            @Override
                            public void onView(ClusterView newView) {
                                loop.execute(() -> accept(newView, loop.nanos()));
                            }

                            @Override
                            public void onInterrupted(DcsException why) {
                                LOG.debugf("watch interrupted: %s", why.getMessage());
                            }
                        });
    }

    void close() {
        if (subscription != null) {
            subscription.close();
        }
    }

    /** Reads everything, unless a read is under way. Completes on the loop; never fails. */
    CompletableFuture<@Nullable Void> read() {
        if (reading) {
            return CompletableFuture.completedFuture(null);
        }
        reading = true;
        long sentNanos = loop.nanos();
        readNanos = sentNanos;
        return loop.hop(store.read())
                .handle(
                        (newView, failure) -> {
                            reading = false;
                            if (failure == null) {
                                accept(newView, sentNanos);
                            } else if (!failing) {
                                failing = true;
                                LOG.warnf("cannot read the DCS: %s", Loop.message(failure));
                            }
                            return null;
                        });
    }

    /** Whether the last view came after a time without: others may have come and gone meanwhile. */
    boolean isAfterGap() {
        return isAfterGap;
    }

    /** The DCS answered something. */
    void contact(long nanos) {
        contactNanos = Math.max(contactNanos, nanos);
        contactSeconds = loop.wallClock().getEpochSecond();
    }

    private void accept(ClusterView newView, long asOfNanos) {
        isAfterGap = failing;
        if (failing) {
            failing = false;
            LOG.infof("the DCS can be read again revision=%d", newView.revision());
        }
        contact(loop.nanos());
        provenNanos = Math.max(provenNanos, asOfNanos);
        boolean isNew = !seen || newView.revision() > view.revision();
        if (isNew) {
            view = newView;
            seen = true;
            for (String problem : newView.problems()) {
                LOG.warnf("ignored in the DCS: %s", problem);
            }
            onNewView.run();
        }
        onProof.run();
    }

    /** The newest view, however old; {@link ClusterView#EMPTY} before the first. Any thread. */
    ClusterView last() {
        return view;
    }

    /** The newest view if the DCS answered within {@code maxAgeNanos}; else null. */
    @Nullable ClusterView readable(long maxAgeNanos) {
        return seen && loop.nanos() - contactNanos <= maxAgeNanos ? view : null;
    }

    /** When the last read was sent. */
    long readNanos() {
        return readNanos;
    }

    /**
     * The view was the newest at this moment: a read that confirmed it was sent then, or the watch
     * brought it. Unlike {@link #contactNanos}, an answer about something else proves nothing.
     */
    long provenNanos() {
        return provenNanos;
    }

    long contactNanos() {
        return contactNanos;
    }

    long contactSeconds() {
        return contactSeconds;
    }
}
