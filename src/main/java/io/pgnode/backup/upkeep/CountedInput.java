package io.pgnode.backup.upkeep;

import java.io.IOException;
import java.io.InputStream;

/** So many bytes of another stream, which it does not close. */
final class CountedInput extends InputStream {
    private static final int BUFFER = 64 << 10;

    private final InputStream from;
    private long left;
    private boolean failed;

    CountedInput(InputStream from, long bytes) {
        this.from = from;
        this.left = bytes;
    }

    /** Bytes that were not read. */
    long left() {
        return left;
    }

    /** Whether the stream itself failed. */
    boolean hasFailed() {
        return failed;
    }

    /** Reads the rest, as far as there is one. */
    void drain() throws IOException {
        byte[] buffer = new byte[BUFFER];
        int count = 0;
        while (left > 0 && count >= 0) {
            count = read(buffer, 0, buffer.length);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count;
        try {
            count = from.read(to, offset, (int) Math.min(length, left));
        } catch (IOException e) {
            failed = true;
            throw e;
        }
        if (count > 0) {
            left -= count;
        }
        return count;
    }
}
