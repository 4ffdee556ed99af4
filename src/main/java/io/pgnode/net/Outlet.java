package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The short way of bytes from a session to the kernel: one run of them is kept until the flush, and
 * sent by one call at the end of the loop's {@link Turn}, past the pipeline and its queue. Whatever
 * does not fit (a second chunk, a full socket) takes the usual way, behind what was written before;
 * and what others write to the channel meanwhile stays behind it, too.
 *
 * <p>It costs about a third of Netty's way. Confined to the channel's loop.
 */
public final class Outlet extends ChannelOutboundHandlerAdapter {
    /** So much is sent at once, so that the loop can read into the same memory again. */
    private static final int LARGE = Turn.BUFFER / 4;

    private final Channel channel;
    private @Nullable Socket socket;
    private @Nullable Chunk kept;
    private int keptFrom;
    private int keptEnd;

    /** What is kept is sent at the end of the turn. */
    private boolean isDue;

    /** Something took the usual way, and may be in the channel's queue still. */
    private boolean mayBeQueued = true;

    public Outlet(Channel channel) {
        this.channel = channel;
    }

    /**
     * Takes the short way from now on, unless some handler must see what is written, as that of TLS
     * must. The same for what is read.
     */
    public void begin(Inlet inlet) {
        if (channel instanceof UnixChannel unix
                && unix.fd() instanceof Socket mine
                && channel.pipeline().get(SslHandler.class) == null) {
            socket = mine;
            channel.pipeline().addFirst("outlet", this);
            if (channel instanceof DirectChannel direct) {
                direct.readInto(inlet);
            }
        }
    }

    /** The same for what is in a buffer, which is taken over. */
    public void write(ByteBuf buffer) {
        if (buffer.hasMemoryAddress()) {
            Chunk chunk = Chunk.of(buffer);
            write(chunk, chunk.from(), chunk.to());
            chunk.release();
        } else {
            mayBeQueued = true;
            channel.write(buffer, channel.voidPromise());
        }
    }

    /** Writes {@code [from, end)}; the chunk must not be changed before that is flushed. */
    public void write(Chunk chunk, int from, int end) {
        if (kept == chunk && from == keptEnd) {
            keptEnd = end;
            return;
        }
        if (isDue) {
            sendDue();
        }
        if (kept == null && socket != null && channel.isActive() && isQueueEmpty()) {
            kept = chunk.retain();
            keptFrom = from;
            keptEnd = end;
            if (end - from >= LARGE) {
                sendOrQueue();
            }
        } else {
            mayBeQueued = true;
            channel.write(chunk.slice(from, end), channel.voidPromise());
        }
    }

    private boolean isQueueEmpty() {
        if (mayBeQueued) {
            ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
            // Its isEmpty() does not count what was not flushed yet.
            mayBeQueued = queue == null || queue.totalPendingWriteBytes() != 0;
        }
        return !mayBeQueued;
    }

    /** Whether the channel takes more for now. */
    public boolean isWritable() {
        return !mayBeQueued || channel.isWritable();
    }

    /** Sends what was written, at the end of the loop's turn at the latest. */
    public void flush() {
        if (kept == null || !(Thread.currentThread() instanceof LoopThread thread)) {
            flushNow();
        } else if (!isDue) {
            isDue = true;
            thread.turn().sendLater(this, channel.eventLoop());
        }
    }

    /** At the end of the turn, or before. */
    void sendDue() {
        if (isDue) {
            flushNow();
        }
    }

    private void flushNow() {
        if (kept != null) {
            sendOrQueue();
        }
        if (socket == null || !isQueueEmpty()) {
            channel.flush();
        }
    }

    private void sendOrQueue() {
        ByteBuf rest = send();
        if (rest != null) {
            mayBeQueued = true;
            channel.write(rest, channel.voidPromise());
        }
    }

    /** Returns what the kernel did not take; null for nothing. */
    private @Nullable ByteBuf send() {
        Chunk chunk = kept;
        Socket to = socket;
        kept = null;
        isDue = false;
        if (chunk == null || to == null) {
            return null;
        }
        try {
            // Once closed its descriptor's number may be that of somebody else.
            if (channel.isActive()) {
                int sent = DirectCalls.send(to, chunk.address(), keptFrom, keptEnd);
                if (sent < keptEnd - keptFrom) {
                    return chunk.slice(keptFrom + sent, keptEnd);
                }
            }
        } catch (IOException e) {
            channel.pipeline().fireExceptionCaught(e);
            var _ = channel.close();
        } finally {
            chunk.release();
        }
        return null;
    }

    // ---------------------------------------------------------------- what others write

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (isDue) {
            flush(context);
        }
        mayBeQueued = true;
        Chunk before = kept;
        if (before != null) {
            kept = null;
            var _ = context.write(before.slice(keptFrom, keptEnd), channel.voidPromise());
            before.release();
        }
        var _ = context.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        ByteBuf rest = send();
        if (rest != null) {
            mayBeQueued = true;
            var _ = context.write(rest, channel.voidPromise());
        }
        context.flush();
    }

    /** What was flushed is sent. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        sendDue();
        var _ = context.close(promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        socket = null;
        mayBeQueued = true;
        Chunk chunk = kept;
        kept = null;
        isDue = false;
        if (chunk != null) {
            chunk.release();
        }
    }
}
