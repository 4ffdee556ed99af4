package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.gateway.pooler.core.Replies;
import io.pgnode.net.Chunk;
import io.pgnode.wire.Frames;
import io.pgnode.wire.FrontendTag;
import io.pgnode.wire.ProtocolViolation;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a client's server was sent last, for as long as it can be repeated: one chunk of Bind,
 * Describe and Execute up to its only Sync, sent when nothing else was under way. It is repeated
 * only when the server refused its first message, so that nothing of it has had an effect. Confined
 * to the client's loop.
 */
final class SentBatch {
    private @Nullable Chunk kept;

    /** Nothing was sent since the server answered everything. */
    private boolean isFresh = true;

    /** Before this is written to the server. */
    void sent(Chunk chunk) {
        boolean isFirst = isFresh;
        sentMore();
        byte tag = chunk.at(chunk.from());
        if (isFirst && (tag == FrontendTag.BIND || tag == FrontendTag.DESCRIBE)) {
            kept = chunk.retain();
        }
    }

    /** Something was written that is not kept. */
    void sentMore() {
        isFresh = false;
        Chunk old = kept;
        if (old != null) {
            kept = null;
            old.release();
        }
    }

    /** The server answered everything, or is not ours any more. */
    void answered() {
        sentMore();
        isFresh = true;
    }

    /**
     * Whether all of it, and nothing else, was outstanding when the server refused its first
     * message.
     */
    boolean wasRefusedWhole(Replies replies) throws ProtocolViolation {
        Chunk sent = kept;
        if (sent == null || replies.size() != 1 || replies.failed() == 0) {
            return false;
        }
        ByteBuf batch = sent.bytes();
        int count = 0;
        int at = batch.readerIndex();
        while (batch.writerIndex() - at >= Frames.HEADER) {
            byte tag = batch.getByte(at);
            at += (int) Frames.size(batch, at, Integer.MAX_VALUE);
            count++;
            boolean isLast = at == batch.writerIndex();
            boolean isFit =
                    tag == FrontendTag.BIND
                            || tag == FrontendTag.EXECUTE
                            || tag == FrontendTag.DESCRIBE;
            if (isLast ? tag != FrontendTag.SYNC : !isFit) {
                return false;
            }
        }
        return at == batch.writerIndex() && count == replies.failedSize();
    }

    /**
     * Writes the batch once more, with other statements, which are prepared before.
     *
     * @param renewed gives the statement to be used instead of one
     */
    void repeat(ServerSession to, UnaryOperator<Statement> renewed) throws ProtocolViolation {
        if (kept == null) {
            throw new IllegalStateException("nothing was kept");
        }
        ByteBuf batch = kept.bytes();
        int from = batch.readerIndex();
        ByteBuf out = to.channel().alloc().buffer(batch.readableBytes() + 256);
        Map<Long, Statement> instead = new HashMap<>();
        to.replies().swallowReady();
        for (int at = from; at < batch.writerIndex(); ) {
            int end = at + (int) Frames.size(batch, at, Integer.MAX_VALUE);
            Statement old = statementOf(to, batch, at, end);
            if (old != null && !instead.containsKey(old.id())) {
                Statement next = renewed.apply(old);
                instead.put(old.id(), next);
                next.writePrepare(out);
                to.replies().add(Replies.PARSE | Replies.SWALLOW, next.id());
                to.statements().add(next);
            }
            at = end;
        }
        for (int at = from; at < batch.writerIndex(); ) {
            int end = at + (int) Frames.size(batch, at, Integer.MAX_VALUE);
            Statement old = statementOf(to, batch, at, end);
            Statement next = old == null ? null : instead.get(old.id());
            copy(batch, at, end, next, out);
            byte tag = batch.getByte(at);
            to.replies().add(kind(tag), next == null ? 0 : next.id());
            at = end;
        }
        sentMore();
        var _ = to.channel().writeAndFlush(out);
    }

    private static int kind(byte tag) {
        return switch (tag) {
            case FrontendTag.BIND -> Replies.BIND;
            case FrontendTag.DESCRIBE -> Replies.DESCRIBE;
            case FrontendTag.EXECUTE -> Replies.EXECUTE;
            default -> Replies.SYNC;
        };
    }

    private static int nameOf(ByteBuf batch, int at, int end) throws ProtocolViolation {
        return switch (batch.getByte(at)) {
            case FrontendTag.BIND -> Frames.endOfString(batch, at + Frames.HEADER, end) + 1;
            case FrontendTag.DESCRIBE ->
                    batch.getByte(at + Frames.HEADER) == 'S' ? at + Frames.HEADER + 1 : 0;
            default -> 0;
        };
    }

    private static @Nullable Statement statementOf(ServerSession to, ByteBuf batch, int at, int end)
            throws ProtocolViolation {
        int name = nameOf(batch, at, end);
        return name == 0
                ? null
                : to.statements()
                        .find(Frames.text(batch, name, Frames.endOfString(batch, name, end)));
    }

    private static void copy(ByteBuf batch, int at, int end, @Nullable Statement named, ByteBuf out)
            throws ProtocolViolation {
        if (named == null) {
            out.writeBytes(batch, at, end - at);
            return;
        }
        int name = nameOf(batch, at, end);
        int begun = Frames.begin(out, batch.getByte(at));
        out.writeBytes(batch, at + Frames.HEADER, name - at - Frames.HEADER);
        out.writeBytes(named.name());
        int rest = Frames.endOfString(batch, name, end);
        out.writeBytes(batch, rest, end - rest);
        Frames.end(out, begun);
    }
}
