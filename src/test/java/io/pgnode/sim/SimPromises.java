package io.pgnode.sim;

import io.pgnode.agent.PromiseStore;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The file of promises of a node, in a directory that a reboot empties. */
final class SimPromises {
    private static final long MILLI = 1_000_000L;

    private final World world;
    private final String host;
    private long untilNanos;

    SimPromises(World world, String host) {
        this.world = world;
        this.host = host;
    }

    void forget() {
        untilNanos = 0;
    }

    /** What an agent process sees of it: a write takes a moment, in which the agent may die. */
    PromiseStore of(SimProcess agent, SimLoop loop) {
        return new PromiseStore() {
            @Override
            public long untilNanos() {
                return untilNanos;
            }

            @Override
            public CompletableFuture<@Nullable Void> keep(long newUntilNanos) {
                CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
                world.after(
                        world.between(host + " promise", MILLI / 10, 3 * MILLI),
                        host,
                        () -> {
                            if (agent.isRunning()) {
                                untilNanos = Math.max(untilNanos, newUntilNanos);
                                loop.execute(() -> done.complete(null));
                            }
                        });
                return done;
            }
        };
    }
}
