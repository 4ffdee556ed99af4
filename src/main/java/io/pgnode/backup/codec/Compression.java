package io.pgnode.backup.codec;

import io.pgnode.backup.core.CompressType;
import java.util.OptionalInt;

/**
 * How bytes are compressed.
 *
 * @param level by the type's own scale; when nobody chose one it is pgBackRest's, but zst takes
 *     level 1 for what level 3 makes hardly smaller
 */
public record Compression(CompressType type, OptionalInt level) {
    public static final Compression NONE = of(CompressType.NONE);

    public static Compression of(CompressType type) {
        return new Compression(type, OptionalInt.empty());
    }

    public static Compression of(CompressType type, int level) {
        return new Compression(type, OptionalInt.of(level));
    }

    /** The chosen level, or the one that is tried first. */
    public int nominalLevel() {
        return level.orElse(type.defaultLevel());
    }

    /** As {@link Filters#compressor}. */
    public Filter compressor(boolean raw) {
        return type == CompressType.ZST && level.isEmpty()
                ? new SamplingZstdCompressor(type.defaultLevel())
                : Filters.compressor(type, nominalLevel(), raw);
    }
}
