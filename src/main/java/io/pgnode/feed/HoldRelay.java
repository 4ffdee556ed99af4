package io.pgnode.feed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's desk that also speaks for the gateways before it, which still have clients: a hold
 * counts for all of them. One of those that does not answer is passed over. Thread-safe.
 */
public final class HoldRelay implements HoldDesk {
    private static final Logger LOG = Logger.getLogger(HoldRelay.class);

    private final HoldDesk own;
    private final Supplier<List<Path>> earlier;

    /**
     * @param earlier sockets of the others
     */
    public HoldRelay(HoldDesk own, Supplier<List<Path>> earlier) {
        this.own = own;
        this.earlier = earlier;
    }

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        return all(own.hold(request), each -> each.hold(request));
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        return all(own.drained(scope, limit), each -> each.drained(scope, limit));
    }

    private CompletableFuture<HoldStatus> all(
            CompletableFuture<HoldStatus> mine,
            Function<HoldClient, CompletableFuture<HoldStatus>> call) {
        CompletableFuture<HoldStatus> sum = mine;
        for (CompletableFuture<@Nullable HoldStatus> other : others(call)) {
            sum = sum.thenCombine(other, HoldRelay::plus);
        }
        return sum;
    }

    private List<CompletableFuture<@Nullable HoldStatus>> others(
            Function<HoldClient, CompletableFuture<HoldStatus>> call) {
        List<CompletableFuture<@Nullable HoldStatus>> result = new ArrayList<>();
        for (Path socket : earlier.get()) {
            result.add(
                    call.apply(new HoldClient(socket))
                            .<@Nullable HoldStatus>thenApply(status -> status)
                            .exceptionally(
                                    failure -> {
                                        LOG.debugf("%s: %s", socket, failure.getMessage());
                                        return null;
                                    }));
        }
        return result;
    }

    private static HoldStatus plus(HoldStatus a, @Nullable HoldStatus b) {
        return b == null
                ? a
                : new HoldStatus(a.isHeld(), a.open() + b.open(), a.waiting() + b.waiting());
    }

    @Override
    public void release(String owner, HoldScope scope) {
        own.release(owner, scope);
        for (Path socket : earlier.get()) {
            new HoldClient(socket).release(owner, scope);
        }
    }

    /** Of this gateway alone. */
    @Override
    public HoldStatus status(HoldScope scope) {
        return own.status(scope);
    }
}
