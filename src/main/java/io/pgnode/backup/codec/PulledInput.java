package io.pgnode.backup.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A stream that is made piece by piece, when somebody reads on. */
abstract class PulledInput extends InputStream {
    /** The piece that is being read: {@code ready[from..to[}. */
    byte[] ready;

    int from;
    int to;

    /** Nothing comes after the piece. */
    boolean ended;

    PulledInput(byte[] ready) {
        this.ready = ready;
    }

    /** Makes the next piece, which may be empty; not called after the end. */
    abstract void fill() throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final int read(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (length == 0) {
            return 0;
        }
        while (from == to) {
            if (ended) {
                return -1;
            }
            fill();
        }
        int count = Math.min(length, to - from);
        System.arraycopy(ready, from, data, offset, count);
        from += count;
        return count;
    }

    @Override
    public final int available() {
        return to - from;
    }
}
