package io.pgnode.feed;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it is asked, and answers what the test says. Thread-safe. */
final class FakeDesk implements HoldDesk {
    final List<String> asked = new CopyOnWriteArrayList<>();
    final Map<HoldScope, CompletableFuture<HoldStatus>> drained = new ConcurrentHashMap<>();
    volatile HoldStatus status = new HoldStatus(true, 2, 3);
    volatile CompletableFuture<HoldStatus> held =
            CompletableFuture.completedFuture(new HoldStatus(true, 2, 3));

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        asked.add(request.toString());
        return held;
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        asked.add("drained " + scope + " " + limit);
        return drained.computeIfAbsent(scope, key -> new CompletableFuture<>());
    }

    @Override
    public void release(String owner, HoldScope scope) {
        asked.add("release " + owner + " " + scope);
        status = new HoldStatus(false, 0, 0);
    }

    @Override
    public HoldStatus status(HoldScope scope) {
        return status;
    }
}
