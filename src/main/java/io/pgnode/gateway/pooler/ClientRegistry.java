package io.pgnode.gateway.pooler;

import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** All clients that are logged in: by their cancel keys, and by the loops that own them. */
final class ClientRegistry {
    private final EventLoops loops;
    private final LongSupplier keys;
    private final Map<Long, ClientSession> byKey = new ConcurrentHashMap<>();
    private final List<LoopClients> byLoop = new ArrayList<>();

    /**
     * @param keys random ones
     */
    ClientRegistry(EventLoops loops, LongSupplier keys) {
        this.loops = loops;
        this.keys = keys;
        for (int i = 0; i < loops.count(); i++) {
            byLoop.add(new LoopClients());
        }
    }

    /** A cancel key that no client has. */
    long newKey() {
        long key = keys.getAsLong();
        while (byKey.containsKey(key)) {
            key = keys.getAsLong();
        }
        return key;
    }

    /** On the client's loop. */
    void add(ClientSession client) {
        byKey.put(client.cancelKey(), client);
        byLoop.get(client.seat().loop()).add(client);
    }

    /** On the client's loop. */
    void remove(ClientSession client) {
        byKey.remove(client.cancelKey());
        byLoop.get(client.seat().loop()).remove(client);
    }

    /** Null when no client has that key, or not any more. */
    @Nullable ClientSession find(CancelKey key) {
        return byKey.get(key.packed());
    }

    /** A live view. */
    Collection<ClientSession> all() {
        return Collections.unmodifiableCollection(byKey.values());
    }

    /** Ends what lasts too long. On that loop. */
    void expire(int loop, PoolerSetup setup, long now) {
        byLoop.get(loop).expire(setup, now);
    }

    /**
     * Does something with each client, on its own loop; done once all that there are now had it.
     */
    CompletableFuture<Void> tell(Consumer<ClientSession> what) {
        CompletableFuture<?>[] parts = new CompletableFuture<?>[loops.count()];
        for (int i = 0; i < parts.length; i++) {
            int loop = i;
            parts[i] =
                    CompletableFuture.runAsync(
                            () -> {
                                for (ClientSession client : byKey.values()) {
                                    if (client.seat().loop() == loop) {
                                        what.accept(client);
                                    }
                                }
                            },
                            loops.loop(loop));
        }
        return CompletableFuture.allOf(parts);
    }
}
