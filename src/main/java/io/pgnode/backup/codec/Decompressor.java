package io.pgnode.backup.codec;

import java.io.IOException;

/**
 * Decompresses exactly one stream. Its output is given away piece by piece, however large the
 * stream claims to be.
 */
abstract class Decompressor implements Filter {
    private static final int STEP = 128 * 1024;
    private static final byte[] NOTHING = {};

    private final String format;
    private boolean ended;

    /** The last step's output. */
    final byte[] output = new byte[STEP];

    /** Where the last step's output ended in the array, and where its input was read to. */
    final long[] progress = new long[2];

    Decompressor(String format) {
        this.format = format;
    }

    /**
     * Decompresses some of the input and sets {@link #progress}.
     *
     * @return whether the stream has ended
     */
    abstract boolean step(byte[] out, byte[] in, int from, int to) throws IOException;

    /** Makes ready for another stream. */
    abstract void restart();

    @Override
    public final void update(byte[] data, int offset, int length, Sink out) throws IOException {
        int position = offset;
        int end = offset + length;
        while (position < end) {
            if (ended) {
                throw followed();
            }
            position = run(data, position, Math.min(end, position + STEP), out);
        }
    }

    /** Steps until the input is used up and nothing is left in the library. */
    private int run(byte[] data, int from, int to, Sink out) throws IOException {
        int position = from;
        boolean full;
        do {
            ended = advance(data, position, to);
            position = (int) progress[1];
            full = progress[0] == output.length;
            if (progress[0] > 0) {
                out.accept(output, 0, (int) progress[0]);
            }
        } while (!ended && (full || position < to));
        return position;
    }

    /** One step, which must get somewhere. */
    final boolean advance(byte[] data, int from, int to) throws IOException {
        boolean end = step(output, data, from, to);
        if (!end && from < to && progress[0] == 0 && progress[1] == from) {
            throw damaged("it does not go on");
        }
        return end;
    }

    @Override
    public final void finish(Sink out) throws IOException {
        if (!ended) {
            run(NOTHING, 0, 0, out);
        }
        if (!ended) {
            throw cutOff();
        }
        ended = false;
        restart();
    }

    final IOException damaged(String why) {
        return new IOException("%s stream is damaged: %s".formatted(format, why));
    }

    final IOException cutOff() {
        return new IOException(format + " stream is cut off");
    }

    final IOException followed() {
        return new IOException(format + " stream is followed by bytes that are not its own");
    }
}
