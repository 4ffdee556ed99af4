package io.pgnode.backup.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Reads what a decompressor makes of another stream, no more of it than is asked for: a few bytes
 * may stand for gigabytes.
 */
final class DecompressedInput extends InputStream {
    private final InputStream in;
    private final Decompressor decompressor;
    private final byte[] input = new byte[64 * 1024];
    private int inputFrom;
    private int inputTo;
    private int from;
    private int to;
    private boolean ended;

    DecompressedInput(InputStream in, Decompressor decompressor) {
        this.in = in;
        this.decompressor = decompressor;
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
            more();
        }
        int count = Math.min(length, to - from);
        System.arraycopy(decompressor.output, from, data, offset, count);
        from += count;
        return count;
    }

    @Override
    public int available() {
        return to - from;
    }

    private void more() throws IOException {
        boolean full = to == decompressor.output.length;
        if (inputFrom == inputTo && !full) {
            int count = in.read(input);
            if (count < 0) {
                throw decompressor.cutOff();
            }
            inputFrom = 0;
            inputTo = count;
        }
        ended = decompressor.advance(input, inputFrom, inputTo);
        inputFrom = (int) decompressor.progress[1];
        from = 0;
        to = (int) decompressor.progress[0];
        if (ended && (inputFrom < inputTo || in.read() >= 0)) {
            throw decompressor.followed();
        }
    }

    @Override
    public void close() throws IOException {
        decompressor.close();
        in.close();
    }
}
