package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.feed.HoldScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Requests whose parts come while their server is on its way: the client must not ask for a second
 * one, which would then be its own for as long as it says nothing.
 */
class SplitRequestsTest {
    private static final int SERVERS = 3;
    private static final int CLIENTS = 5;
    private static final int REQUESTS = 80;

    /** Bytes that take longer to come than a server does. */
    private static final int PADDING = 60;

    @Test
    void noClientGetsTwoServers() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try (PoolerRig rig = PoolerRig.start("pool_size=" + SERVERS, "pool_mode = transaction\n")) {
            for (int i = 0; i < CLIENTS; i++) {
                RawClient client = new RawClient(rig.port());
                client.login("somebody", "postgres");
                client.slowly();
                clients.add(client);
            }
            List<CompletableFuture<Void>> working = new ArrayList<>();
            for (RawClient client : clients) {
                String name = "c" + working.size();
                working.add(
                        CompletableFuture.runAsync(
                                () -> ask(client, name), work -> Thread.ofVirtual().start(work)));
            }
            for (CompletableFuture<Void> one : working) {
                one.get(60, TimeUnit.SECONDS);
            }

            await("idle clients have no server")
                    .until(() -> rig.holds().status(HoldScope.LOCAL).open() == 0);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static void ask(RawClient client, String name) {
        try {
            for (int i = 0; i < REQUESTS; i++) {
                String text = name + "-" + i;
                client.query("SELECT '" + text + "'" + " ".repeat(PADDING));
                assertThat(client.expectReady()).contains(text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
