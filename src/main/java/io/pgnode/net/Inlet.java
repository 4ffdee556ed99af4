package io.pgnode.net;

import io.netty.buffer.ByteBuf;

/** Takes what a connection reads, past its pipeline. Called on the connection's loop. */
public interface Inlet {
    /** Takes over the buffer. */
    void received(ByteBuf buffer);

    /** For now there is no more to read: what was collected is sent. */
    void receivedAll();
}
