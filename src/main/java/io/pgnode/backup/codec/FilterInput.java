package io.pgnode.backup.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/** Reads what a filter makes of another stream. */
final class FilterInput extends InputStream {
    private static final int READ = 16 * 1024;

    private final InputStream in;
    private final Filter filter;
    private final byte[] input = new byte[READ];

    /** What the filter gave and nobody has read yet. */
    private byte[] ready = new byte[8 * READ];

    private int from;
    private int to;
    private boolean ended;

    FilterInput(InputStream in, Filter filter) {
        this.in = in;
        this.filter = filter;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] data, int offset, int length) throws IOException {
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
    public int available() {
        return to - from;
    }

    private void fill() throws IOException {
        from = 0;
        to = 0;
        int count = in.read(input);
        if (count < 0) {
            ended = true;
            filter.finish(this::keep);
        } else {
            filter.update(input, 0, count, this::keep);
        }
    }

    private void keep(byte[] data, int offset, int length) {
        if (ready.length - to < length) {
            ready = Arrays.copyOf(ready, Math.max(2 * ready.length, to + length));
        }
        System.arraycopy(data, offset, ready, to, length);
        to += length;
    }

    @Override
    public void close() throws IOException {
        filter.close();
        in.close();
    }
}
