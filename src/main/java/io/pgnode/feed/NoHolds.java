package io.pgnode.feed;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The desk of a gateway that cannot hold clients back, since it does not know transactions. */
public final class NoHolds implements HoldDesk {
    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        return CompletableFuture.failedFuture(new IOException("this gateway has no pooler"));
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        return CompletableFuture.completedFuture(status(scope));
    }

    @Override
    public void release(String owner, HoldScope scope) {}

    @Override
    public HoldStatus status(HoldScope scope) {
        return new HoldStatus(false, 0, 0);
    }
}
