package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pgnode.feed.HoldScope;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

    private static final int STREAM = 20_000_000;
    private static final int PIECE = 1000;

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

    /** Nearly each piece ends within a message that has to be written anew, and so be whole. */
    @Test
    void aStreamOfRequestsInPiecesIsNotCollected() throws Exception {
        try (PoolerRig rig = PoolerRig.start("", "pool_mode = transaction\n");
                RawClient client = new RawClient(rig.port())) {
            client.login("somebody", "postgres");
            client.prepare("s", "SELECT length($1::text)");
            var _ = client.expectReady();
            long before = LeakWatch.used();
            CompletableFuture<Void> answers =
                    CompletableFuture.runAsync(
                            () -> skipToReady(client), work -> Thread.ofVirtual().start(work));
            ByteBuf all = binds();
            int length = all.readableBytes();

            long most = 0;
            while (all.isReadable()) {
                client.send(all.readSlice(Math.min(PIECE, all.readableBytes())));
                most = Math.max(most, LeakWatch.used() - before);
            }

            answers.get(60, TimeUnit.SECONDS);
            assertThat(most).isLessThan(length / 4);
        }
    }

    /** Of statement "s" with parameters of any length, and a Sync. */
    private static ByteBuf binds() {
        Random random = new Random(STREAM);
        ByteBuf all = Unpooled.buffer();
        while (all.readableBytes() < STREAM) {
            int bind = Frames.begin(all, FrontendTag.BIND);
            Frames.writeString(all, "");
            Frames.writeString(all, "s");
            int size = random.nextInt(2 * PIECE);
            all.writeShort(0).writeShort(1).writeInt(size);
            all.writeBytes("x".repeat(size).getBytes(StandardCharsets.US_ASCII)).writeShort(0);
            Frames.end(all, bind);
        }
        FrontendMessages.sync(all);
        return all;
    }

    private static void skipToReady(RawClient client) {
        try {
            client.skipToReady();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
