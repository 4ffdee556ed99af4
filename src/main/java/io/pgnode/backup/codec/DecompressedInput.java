package io.pgnode.backup.codec;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads what a decompressor makes of another stream, no more of it than is asked for: a few bytes
 * may stand for gigabytes.
 */
final class DecompressedInput extends PulledInput {
    private final InputStream in;
    private final Decompressor decompressor;
    private final byte[] input = new byte[64 * 1024];
    private int inputFrom;
    private int inputTo;

    DecompressedInput(InputStream in, Decompressor decompressor) {
        super(decompressor.output);
        this.in = in;
        this.decompressor = decompressor;
    }

    @Override
    void fill() throws IOException {
        boolean full = to == ready.length;
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
