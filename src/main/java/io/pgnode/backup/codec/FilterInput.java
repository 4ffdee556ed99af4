package io.pgnode.backup.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads what a filter makes of another stream. */
final class FilterInput extends PulledInput {
    private static final int READ = 16 * 1024;

    private final InputStream in;
    private final Filter filter;
    private final byte[] input = new byte[READ];

    FilterInput(InputStream in, Filter filter) {
        super(new byte[8 * READ]);
        this.in = in;
        this.filter = filter;
    }

    @Override
    void fill() throws IOException {
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
