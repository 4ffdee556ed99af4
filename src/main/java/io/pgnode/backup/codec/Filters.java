package io.pgnode.backup.codec;

import io.pgnode.backup.core.CompressType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a repository's files, each for one stream.
 *
 * <p>Raw is what block incremental files consist of, and what lies in the bundles of a manifest
 * with {@code backup-bundle-raw}: a cipher's salt without "Salted__", lz4 without the content's
 * checksum, gz with the header of zlib; zst and bz2 are the same.
 *
 * <p>These filters may be used again, for another stream, after {@link Filter#finish}; not after an
 * exception.
 */
public final class Filters {
    private Filters() {}

    /**
     * @param level as the library counts; see {@link CompressType#defaultLevel}
     * @throws IllegalArgumentException for {@link CompressType#BZ2}, which is read only
     */
    public static Filter compressor(CompressType type, int level, boolean raw) {
        return switch (type) {
            case NONE -> new NoFilter();
            case GZ -> new GzCompressor(level, raw);
            case LZ4 -> new Lz4Compressor(level, raw);
            case ZST -> new ZstdCompressor(level);
            case BZ2 -> throw new IllegalArgumentException("bz2 can be read only");
        };
    }

    /** Refuses a stream that is cut off or followed by something else. */
    public static Filter decompressor(CompressType type, boolean raw) {
        return switch (type) {
            case NONE -> new NoFilter();
            case GZ -> new GzDecompressor(raw);
            case LZ4 -> new Lz4Decompressor();
            case ZST -> new ZstdDecompressor();
            case BZ2 -> new Bz2Decompressor();
        };
    }

    /**
     * AES-256-CBC as {@code openssl enc -aes-256-cbc -md sha1} does it, with a random salt.
     *
     * @param pass is copied
     */
    public static Filter encryptor(byte[] pass, boolean raw) {
        return new AesEncryptor(pass, raw);
    }

    /**
     * @param pass is copied
     */
    public static Filter decryptor(byte[] pass, boolean raw) {
        return new AesDecryptor(pass, raw);
    }

    /** One after the other as one; closes them all. Of none: the bytes as they are. */
    public static Filter chain(List<Filter> filters) {
        @Nullable Filter result = null;
        for (Filter filter : filters) {
            result = result == null ? filter : new FilterChain(result, filter);
        }
        return result == null ? new NoFilter() : result;
    }

    /** The filter's result of all that the input gives; closes both. */
    public static InputStream input(InputStream in, Filter filter) {
        return switch (filter) {
            case FilterChain chain -> input(input(in, chain.first()), chain.second());
            case Decompressor decompressor -> new DecompressedInput(in, decompressor);
            default -> new FilterInput(in, filter);
        };
    }

    /** The filter's result of all the bytes, of which there is at most a gibibyte. */
    public static byte[] apply(Filter filter, byte[] data) throws IOException {
        return apply(filter, data, 1 << 30);
    }

    /**
     * The filter's result of all the bytes; closes the filter.
     *
     * @throws IOException also when the result has more than {@code limit} bytes
     */
    public static byte[] apply(Filter filter, byte[] data, int limit) throws IOException {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        Sink sink =
                (bytes, offset, length) -> {
                    if (length > limit - result.size()) {
                        throw new IOException(
                                "stream has more bytes than expected, limit is " + limit);
                    }
                    result.write(bytes, offset, length);
                };
        try (filter) {
            filter.update(data, 0, data.length, sink);
            filter.finish(sink);
        }
        return result.toByteArray();
    }
}
