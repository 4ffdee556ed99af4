package io.pgnode.backup.storage;

import java.io.IOException;

/**
 * An object that is being written. {@link #commit} makes it visible and durable; {@link #close}
 * without it leaves nothing behind. One thread at a time.
 */
public interface StorageOutput extends AutoCloseable {
    void write(byte[] data, int offset, int length) throws IOException;

    /** Ends the object; nothing may be written afterwards. */
    void commit() throws IOException;

    /** Throws away what is not committed; may be called more than once. */
    @Override
    void close();
}
