package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Takes what a connection reads: past the pipeline where that can be done (see {@link
 * DirectChannel}), else as the handler that it is, too. Confined to the connection's loop.
 */
public abstract class Inlet extends ChannelInboundHandlerAdapter {
    private boolean isReading = true;

    /**
     * Something came.
     *
     * @param chunk not empty; to be retained by whoever keeps it
     */
    protected abstract void received(Chunk chunk);

    /** For now there is no more to read: what was collected is sent. */
    protected abstract void receivedAll();

    /**
     * Whether what comes is read for now; it is to begin with.
     *
     * @param channel always the same
     */
    protected final void read(Channel channel, boolean on) {
        if (isReading != on) {
            isReading = on;
            channel.config().setAutoRead(on);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Chunk chunk = Chunk.of(inMemory((ByteBuf) message));
        try {
            if (chunk.length() > 0) {
                received(chunk);
            }
        } finally {
            chunk.release();
        }
    }

    private static ByteBuf inMemory(ByteBuf in) {
        if (in.hasMemoryAddress()) {
            return in;
        }
        try {
            return in.alloc().directBuffer(in.readableBytes()).writeBytes(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        receivedAll();
    }
}
