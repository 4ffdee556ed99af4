package io.pgnode.backup.repo;

import io.pgnode.backup.codec.Filter;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.core.CompressType;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalInt;

/**
 * How WAL is compressed.
 *
 * @param level by the type's own scale; when nobody chose one it is pgBackRest's, but for zst,
 *     where {@link #levelFor} looks at each segment
 */
public record WalCompression(CompressType type, OptionalInt level) {
    /**
     * Much of what WAL holds (random keys, texts, new rows) has few and short repetitions, which
     * zst's level 3 looks for in vain: level 1 takes half of the time then, and stores less. Where
     * blocks are written again and again it is the other way round.
     */
    private static final int FAST_LEVEL = 1;

    /** Spread over the segment; all of them cost a fortieth of what its compression does. */
    private static final int SAMPLES = 4;

    private static final int SAMPLE = 1 << 16;

    /** Smaller ones are not worth the question. */
    private static final long MIN_SIZE = 16L * SAMPLES * SAMPLE;

    public static WalCompression of(CompressType type) {
        return new WalCompression(type, OptionalInt.empty());
    }

    public static WalCompression of(CompressType type, int level) {
        return new WalCompression(type, OptionalInt.of(level));
    }

    /** The level for a file: the chosen one, or the faster of two that stores no more. */
    int levelFor(WalSource source) throws IOException {
        if (level.isPresent() || type != CompressType.ZST || source.size() < MIN_SIZE) {
            return level.orElse(type.defaultLevel());
        }
        byte[] sample = sample(source);
        return size(sample, FAST_LEVEL) <= size(sample, type.defaultLevel())
                ? FAST_LEVEL
                : type.defaultLevel();
    }

    /** Parts from the middle of as many equal stretches; what is missing at the end is zeros. */
    private static byte[] sample(WalSource source) throws IOException {
        byte[] sample = new byte[SAMPLES * SAMPLE];
        long stretch = source.size() / SAMPLES;
        try (InputStream in = source.open()) {
            in.skipNBytes((stretch - SAMPLE) / 2);
            for (int at = 0; at < sample.length; at += SAMPLE) {
                in.readNBytes(sample, at, SAMPLE);
                if (at + SAMPLE < sample.length) {
                    in.skipNBytes(stretch - SAMPLE);
                }
            }
        } catch (EOFException _) {
            // It is shorter than it was: whoever reads all of it will see.
        }
        return sample;
    }

    private int size(byte[] sample, int tried) throws IOException {
        int[] size = {0};
        try (Filter filter = Filters.compressor(type, tried, false)) {
            filter.update(sample, 0, sample.length, (_, _, length) -> size[0] += length);
            filter.finish((_, _, length) -> size[0] += length);
        }
        return size[0];
    }
}
