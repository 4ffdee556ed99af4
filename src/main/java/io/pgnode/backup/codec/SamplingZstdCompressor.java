package io.pgnode.backup.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Compresses with the faster of two levels where it stores hardly more, and often less: rows and
 * random texts have short and near repetitions only, and level 3 takes twice as long to find no
 * better ones; of the pages of indexes it makes a tenth less.
 *
 * <p>The start of a frame is compressed by both, and the better one gets this frame and the next
 * ones. What is smaller than a sample gets the thorough level.
 */
final class SamplingZstdCompressor implements Filter {
    private static final int FAST_LEVEL = 1;

    /**
     * The fast level may store a fiftieth more of a sample: with more to look back at, in a whole
     * frame, it does better than that.
     */
    private static final int TOLERATED = 50;

    /** Of a frame's start. */
    private static final int SAMPLE = 128 * 1024;

    /** A sample is good for so many bytes of frames: it costs less than a fiftieth of them. */
    private static final long LASTS = 16L * 1024 * 1024;

    private final int thoroughLevel;
    private @Nullable ZstdCompressor thorough;
    private @Nullable ZstdCompressor fast;

    /** Gets the frame; null until that is known. */
    private @Nullable ZstdCompressor chosen;

    /** How many bytes of frames may still begin without another sample. */
    private long left;

    private final byte[] sample = new byte[SAMPLE];
    private int sampled;

    SamplingZstdCompressor(int thoroughLevel) {
        this.thoroughLevel = thoroughLevel;
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        int position = offset;
        int rest = length;
        if (chosen == null) {
            int count = Math.min(rest, SAMPLE - sampled);
            System.arraycopy(data, position, sample, sampled, count);
            sampled += count;
            position += count;
            rest -= count;
            if (sampled < SAMPLE) {
                return;
            }
            chosen = choose();
            left = LASTS;
            passSample(chosen, out);
        }
        chosen.update(data, position, rest, out);
        left -= length;
    }

    private ZstdCompressor choose() throws IOException {
        long best = size(thorough());
        return size(fast()) <= best + best / TOLERATED ? fast() : thorough();
    }

    private long size(ZstdCompressor compressor) throws IOException {
        long[] size = {0};
        Sink count = (_, _, length) -> size[0] += length;
        compressor.update(sample, 0, sampled, count);
        compressor.finish(count);
        return size[0];
    }

    private void passSample(ZstdCompressor to, Sink out) throws IOException {
        to.update(sample, 0, sampled, out);
        sampled = 0;
    }

    @Override
    public void finish(Sink out) throws IOException {
        ZstdCompressor last = chosen == null ? thorough() : chosen;
        passSample(last, out);
        last.finish(out);
        if (left <= 0) {
            chosen = null;
        }
    }

    private ZstdCompressor fast() {
        if (fast == null) {
            fast = new ZstdCompressor(FAST_LEVEL);
        }
        return fast;
    }

    private ZstdCompressor thorough() {
        if (thorough == null) {
            thorough = new ZstdCompressor(thoroughLevel);
        }
        return thorough;
    }

    @Override
    public void close() {
        if (fast != null) {
            fast.close();
        }
        if (thorough != null) {
            thorough.close();
        }
    }
}
