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
 * The short way of a buffer from a session to the kernel: one buffer is kept until the flush, and
 * sent by one call, past the pipeline and its queue. Whatever does not fit (a second buffer, a full
 * socket) takes the usual way, behind what was written before; and what others write to the channel
 * meanwhile stays behind it, too.
 *
 * <p>It costs about a third of Netty's way. Confined to the channel's loop.
 */
public final class Outlet extends ChannelOutboundHandlerAdapter {
    private final Channel channel;
    private @Nullable Socket socket;
    private @Nullable ByteBuf kept;

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
            channel.pipeline().addFirst(this);
            if (channel instanceof DirectChannel direct) {
                direct.readInto(inlet);
            }
        }
    }

    /** Takes over the buffer. */
    public void write(ByteBuf buffer) {
        if (kept == null
                && socket != null
                && buffer.hasMemoryAddress()
                && channel.isActive()
                && isQueueEmpty()) {
            kept = buffer;
            return;
        }
        mayBeQueued = true;
        channel.write(buffer, channel.voidPromise());
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

    /** Sends what was written. */
    public void flush() {
        if (kept != null) {
            ByteBuf rest = send();
            if (rest == null) {
                return;
            }
            mayBeQueued = true;
            channel.write(rest, channel.voidPromise());
        } else if (socket != null && isQueueEmpty()) {
            return;
        }
        channel.flush();
    }

    /** Returns what the kernel did not take; null for nothing. */
    private @Nullable ByteBuf send() {
        ByteBuf buffer = kept;
        Socket to = socket;
        kept = null;
        if (buffer == null || to == null) {
            return null;
        }
        if (!channel.isActive()) {
            // Closed meanwhile: by now its descriptor's number may be that of somebody else.
            buffer.release();
            return null;
        }
        try {
            int sent =
                    DirectCalls.send(
                            to, buffer.memoryAddress(), buffer.readerIndex(), buffer.writerIndex());
            if (sent < buffer.readableBytes()) {
                return buffer.skipBytes(sent);
            }
        } catch (IOException e) {
            channel.pipeline().fireExceptionCaught(e);
            var _ = channel.close();
        }
        buffer.release();
        return null;
    }

    // ---------------------------------------------------------------- what others write

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        mayBeQueued = true;
        ByteBuf before = kept;
        if (before != null) {
            kept = null;
            var _ = context.write(before, channel.voidPromise());
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

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        socket = null;
        mayBeQueued = true;
        ByteBuf buffer = kept;
        kept = null;
        if (buffer != null) {
            buffer.release();
        }
    }
}
