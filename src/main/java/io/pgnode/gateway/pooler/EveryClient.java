package io.pgnode.gateway.pooler;

import io.pgnode.net.EventLoops;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Does something with all clients, each on its own loop. Thread-safe. */
final class EveryClient {
    private final EventLoops loops;
    private final Collection<ClientSession> clients;

    /**
     * @param clients a live view
     */
    EveryClient(EventLoops loops, Collection<ClientSession> clients) {
        this.loops = loops;
        this.clients = clients;
    }

    /** Done once it was done with all that there are now. */
    CompletableFuture<Void> tell(Consumer<ClientSession> what) {
        CompletableFuture<?>[] parts = new CompletableFuture<?>[loops.count()];
        for (int i = 0; i < parts.length; i++) {
            int loop = i;
            parts[i] =
                    CompletableFuture.runAsync(
                            () -> {
                                for (ClientSession client : clients) {
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
