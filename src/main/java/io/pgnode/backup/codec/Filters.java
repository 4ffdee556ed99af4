package io.pgnode.backup.codec;

import io.pgnode.backup.core.CompressType;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The filters of a repository's files, each for one stream.
 *
 * <p>Raw is what lies inside of bundles and block incremental files: the same without what marks
 * the start of a file of its own.
 */
public final class Filters {
    private Filters() {}

    /**
     * @param level as the library counts; see {@link CompressType#defaultLevel}
     * @throws IllegalArgumentException for {@link CompressType#BZ2}, which is read only
     */
    public static Filter compressor(CompressType type, int level, boolean raw) {
        throw new UnsupportedOperationException(type + " " + level + " " + raw);
    }

    /** Refuses a stream that is cut off or followed by something else. */
    public static Filter decompressor(CompressType type, boolean raw) {
        throw new UnsupportedOperationException(type + " " + raw);
    }

    /**
     * AES-256-CBC as {@code openssl enc -aes-256-cbc -md sha1} does it, with a random salt.
     *
     * @param pass is copied
     */
    public static Filter encryptor(byte[] pass, boolean raw) {
        throw new UnsupportedOperationException(pass.length + " " + raw);
    }

    /**
     * @param pass is copied
     */
    public static Filter decryptor(byte[] pass, boolean raw) {
        throw new UnsupportedOperationException(pass.length + " " + raw);
    }

    /** One after the other as one; closes them all. Of none: the bytes as they are. */
    public static Filter chain(List<Filter> filters) {
        throw new UnsupportedOperationException(filters.toString());
    }

    /** The filter's result of all that the input gives; closes both. */
    public static InputStream input(InputStream in, Filter filter) {
        throw new UnsupportedOperationException(in.toString() + filter);
    }

    /** The filter's result of all the bytes; closes the filter. */
    public static byte[] apply(Filter filter, byte[] data) throws IOException {
        throw new IOException(data.length + " " + filter);
    }
}
