package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendMessages;
import io.pgnode.wire.FrontendTag;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a server fit for the next client after its client left: ends the query that still runs,
 * rolls the transaction back, resets the session. A server that does not become clean in time is
 * closed. Confined to the server's loop.
 *
 * <p>A client that took its leave behind its last requests wants them done: they are cancelled only
 * when they take longer than what a cancelled query may take. One that is just gone wants nothing.
 */
final class ServerCleanup {
    /** Parse, Bind and Execute of a ROLLBACK. */
    private static final byte[] ROLLBACK =
            "P\0\0\0\20\0ROLLBACK\0\0\0B\0\0\0\14\0\0\0\0\0\0\0\0E\0\0\0\11\0\0\0\0\0"
                    .getBytes(StandardCharsets.US_ASCII);

    private final Pooler pooler;
    private final ServerSession server;
    private boolean isCleaning;
    private boolean wantsReset;
    private @Nullable ScheduledFuture<?> limit;

    ServerCleanup(Pooler pooler, ServerSession server) {
        this.pooler = pooler;
        this.server = server;
    }

    /**
     * The client is gone; what it sent was sent as whole messages.
     *
     * @param reset whether the session's state must go, too
     * @param isPatient what was asked may end by itself
     */
    void begin(boolean reset, boolean isPatient) {
        isCleaning = true;
        wantsReset = reset && !pooler.resetQuery().isEmpty();
        if (isPatient) {
            within(this::lostPatience);
        } else {
            within(this::giveUp);
        }
        if (server.replies().isEmpty() && server.replies().endsInReady()) {
            ready(server.status());
            return;
        }
        ByteBuf out = server.channel().alloc().buffer(32);
        if (server.isCopyIn()) {
            failCopy(out);
        }
        sync(out);
        var _ = server.channel().writeAndFlush(out);
        if (!isPatient) {
            pooler.cancel(server, () -> {});
        }
    }

    private void within(Runnable otherwise) {
        limit =
                server.channel()
                        .eventLoop()
                        .schedule(otherwise, pooler.cancelWait().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void lostPatience() {
        within(this::giveUp);
        pooler.cancel(server, () -> {});
    }

    private void giveUp() {
        server.close("client left, and its query does not end");
    }

    private void failCopy(ByteBuf out) {
        int begun = Frames.begin(out, FrontendTag.COPY_FAIL);
        Frames.writeString(out, "client left");
        Frames.end(out, begun);
        server.replies().endCopy();
    }

    /** What was begun without a Sync would be committed by one: it is rolled back before. */
    private void sync(ByteBuf out) {
        if (!server.replies().endsInReady()) {
            out.writeBytes(ROLLBACK);
            server.replies().add(Replies.PARSE | Replies.SWALLOW, UnnamedStatement.ID);
            server.replies().add(Replies.BIND | Replies.SWALLOW);
            server.replies().add(Replies.EXECUTE | Replies.SWALLOW);
            FrontendMessages.sync(out);
            server.replies().add(Replies.SYNC);
            server.losesUnnamed();
        }
    }

    /** The server asks for data of a client that is gone; a cancel request does not end that. */
    void copyBegan() {
        if (isCleaning) {
            ByteBuf out = server.channel().alloc().buffer(32);
            failCopy(out);
            sync(out);
            var _ = server.channel().writeAndFlush(out);
        }
    }

    /** No cancel request can hit what we ask for now. */
    void cancelsDone() {
        if (isCleaning && server.replies().isEmpty()) {
            ready(server.status());
        }
    }

    /** Everything that was asked is answered, and nobody has the server. */
    void ready(char status) {
        if (!isCleaning || server.cancels() > 0) {
            return;
        }
        if (status != 'I') {
            ask("ROLLBACK");
        } else if (server.replies().takeError()) {
            server.close("reset failed");
        } else if (wantsReset) {
            wantsReset = false;
            ask(pooler.resetQuery());
            server.settings().become(server.defaults());
            server.statements().clear();
        } else {
            end();
            pooler.release(server);
        }
    }

    private void ask(String sql) {
        ByteBuf out = server.channel().alloc().buffer(64);
        FrontendMessages.query(out, sql);
        server.replies().add(Replies.QUERY | Replies.SWALLOW);
        var _ = server.channel().writeAndFlush(out);
    }

    void end() {
        isCleaning = false;
        ScheduledFuture<?> timer = limit;
        if (timer != null) {
            limit = null;
            timer.cancel(false);
        }
    }
}
