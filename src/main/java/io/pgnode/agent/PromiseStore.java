package io.pgnode.agent;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Remembers beyond the life of this process until when we promised a leader without a DCS to keep
 * still. Safe on any thread.
 */
public interface PromiseStore {
    /** Remembers nothing, and knows of nothing. */
    PromiseStore NONE =
            new PromiseStore() {
                @Override
                public long untilNanos() {
                    return 0;
                }

                @Override
                public CompletableFuture<@Nullable Void> keep(long untilNanos) {
                    return CompletableFuture.completedFuture(null);
                }
            };

    /**
     * Until when a process before this one promised, on the boot-time clock; zero when it did not.
     * Blocks for a small read.
     */
    long untilNanos();

    /**
     * Remembers a promise; an earlier end than one it has changes nothing. Does not block.
     *
     * @return completes once a process that starts now would know of it, and fails when that cannot
     *     be: then nothing may be promised
     */
    CompletableFuture<@Nullable Void> keep(long untilNanos);
}
