package io.pgnode.feed;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Holds clients back and lets them go on. Thread-safe; every call returns at once. */
public interface HoldDesk {
    /** Begins a hold; done once no further transaction can begin. */
    CompletableFuture<HoldStatus> hold(HoldRequest request);

    /**
     * Waits until nothing of this scope is open any more.
     *
     * @param limit how long at most; the answer tells what is open then
     */
    CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit);

    /** Ends the hold of this owner; nothing when there is none. */
    void release(String owner, HoldScope scope);

    HoldStatus status(HoldScope scope);
}
