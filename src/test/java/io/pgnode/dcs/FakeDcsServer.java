package io.pgnode.dcs;

import io.pgnode.dcs.embedded.KvState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The store that every {@link FakeDcs} of a simulation talks to. It knows its own clock only.
 * Confined to one thread.
 */
public final class FakeDcsServer {
    private final KvState state;
    private final LongSupplier nanos;
    private final List<LongConsumer> watchers = new ArrayList<>();

    /**
     * @param nanos the server's monotonic clock
     */
    public FakeDcsServer(KvState state, LongSupplier nanos) {
        this.state = state;
        this.nanos = nanos;
    }

    public KvState state() {
        return state;
    }

    public long nowNanos() {
        return nanos.getAsLong();
    }

    /** Ends the leases whose time is over. Call it when time has passed; requests do it as well. */
    public void tick() {
        execute(() -> true);
    }

    /** Nanoseconds until {@link #tick} has something to do; negative for nothing. */
    public long nextTickIn() {
        return state.nextExpiryIn(nowNanos());
    }

    /** Runs a request against the state, then tells the watchers the new revision. */
    <T> T execute(Supplier<T> request) {
        long before = state.revision();
        var _ = state.expire(nowNanos());
        try {
            return request.get();
        } finally {
            if (state.revision() != before) {
                List.copyOf(watchers).forEach(watcher -> watcher.accept(state.revision()));
            }
        }
    }

    void addWatcher(LongConsumer onRevision) {
        watchers.add(onRevision);
    }

    void removeWatcher(LongConsumer onRevision) {
        watchers.remove(onRevision);
    }
}
