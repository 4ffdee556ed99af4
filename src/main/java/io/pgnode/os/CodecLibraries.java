package io.pgnode.os;

/**
 * The C libraries of compression and digests: libzstd, liblz4, libbz2 and, in a native image only,
 * libcrypto. Thin: a context is the address that the library gave, zero is "no memory", and results
 * are the library's own; {@code codec} makes streams of them.
 *
 * <p>On the JVM the shared libraries are loaded when first needed, which throws {@link
 * MissingLibraryException}; a native image has them inside.
 *
 * <p>Arrays are used in place. {@code progress} has two elements: where the output ends now and
 * where the input was read to, both as indexes into the arrays.
 */
public abstract class CodecLibraries {
    private static final boolean IN_IMAGE =
            System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    /** Enough for libcrypto's SHA_CTX. */
    public static final int SHA1_CONTEXT_BYTES = 128;

    /** The results of {@link #bz2Decompress} that are not errors. */
    public static final int BZ2_OK = 0;

    public static final int BZ2_END = 4;

    static final int ZSTD_LEVEL = 100;
    static final int LZ4F_VERSION = 100;

    /** Ints in LZ4F_preferences_t, and which of them. */
    private static final int LZ4F_PREFERENCES = 14;

    private static final int LZ4F_CONTENT_CHECKSUM = 2;
    private static final int LZ4F_LEVEL = 8;

    /** Offsets in bz_stream, and its size. */
    static final int BZ_NEXT_IN = 0;

    static final int BZ_AVAIL_IN = 8;
    static final int BZ_NEXT_OUT = 24;
    static final int BZ_AVAIL_OUT = 32;
    static final int BZ_STREAM_BYTES = 80;

    private static final class Holder {
        static final CodecLibraries INSTANCE = IN_IMAGE ? new ImageCodecs() : new ForeignCodecs();
    }

    public static CodecLibraries get() {
        return Holder.INSTANCE;
    }

    /** The preferences that {@link #lz4Begin} takes. */
    public static int[] lz4Preferences(int level, boolean contentChecksum) {
        int[] preferences = new int[LZ4F_PREFERENCES];
        preferences[LZ4F_CONTENT_CHECKSUM] = contentChecksum ? 1 : 0;
        preferences[LZ4F_LEVEL] = level;
        return preferences;
    }

    /** A context that compresses frame after frame. */
    public abstract long zstdCompressor(int level);

    public abstract void freeZstdCompressor(long context);

    /**
     * @param end whether the frame ends with this input
     * @return negative for an error; else how much is left to write, as far as known
     */
    public abstract long zstdCompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            boolean end,
            long[] progress);

    public abstract long zstdDecompressor();

    public abstract void freeZstdDecompressor(long context);

    /** Makes the context start a new frame, also after an error. */
    public abstract void resetZstdDecompressor(long context);

    /**
     * @return negative for an error, zero at the end of a frame
     */
    public abstract long zstdDecompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            long[] progress);

    public abstract String zstdError(long result);

    public abstract long lz4Compressor();

    public abstract void freeLz4Compressor(long context);

    /** How large {@code out} must be for so much input. */
    public abstract long lz4Bound(int inLength, int[] preferences);

    /** Starts a frame at {@code out}'s begin; returns bytes written, negative for an error. */
    public abstract long lz4Begin(long context, byte[] out, int[] preferences);

    /** As {@link #lz4Begin}. */
    public abstract long lz4Update(long context, byte[] out, byte[] in, int inOffset, int inLength);

    /** As {@link #lz4Begin}. */
    public abstract long lz4End(long context, byte[] out);

    public abstract long lz4Decompressor();

    public abstract void freeLz4Decompressor(long context);

    public abstract void resetLz4Decompressor(long context);

    /**
     * @return negative for an error, zero at the end of a frame
     */
    public abstract long lz4Decompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            long[] progress);

    public abstract String lz4Error(long result);

    public abstract long bz2Decompressor();

    public abstract void freeBz2Decompressor(long context);

    /**
     * @return {@link #BZ2_OK}, {@link #BZ2_END}, or negative for an error
     */
    public abstract int bz2Decompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            long[] progress);

    /** Whether the functions of SHA-1 are here; elsewhere the platform's own is as fast. */
    public abstract boolean hasSha1();

    public abstract void sha1Init(byte[] context);

    public abstract void sha1Update(byte[] context, byte[] data, int offset, int length);

    /** Writes 20 bytes. */
    public abstract void sha1Final(byte[] context, byte[] digest);
}
