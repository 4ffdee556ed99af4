package io.pgnode.backup.codec;

import java.io.IOException;

/**
 * Turns one stream of bytes into another: compresses, decompresses, encrypts, decrypts.
 *
 * <p>Used by one thread at a time. {@link #update} any number of times, {@link #finish} once,
 * {@link #close} always: it releases memory outside of the heap, and may come at any time, more
 * than once.
 */
public interface Filter extends AutoCloseable {
    /**
     * Gives the next bytes; what results goes to the sink, at once or later.
     *
     * @throws IOException of the sink, or when the bytes are not what they should be
     */
    void update(byte[] data, int offset, int length, Sink out) throws IOException;

    /**
     * Says that there are no more bytes.
     *
     * @throws IOException of the sink, or when the stream ended too early
     */
    void finish(Sink out) throws IOException;

    @Override
    void close();
}
