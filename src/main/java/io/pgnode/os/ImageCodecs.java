package io.pgnode.os;

import org.graalvm.nativeimage.PinnedObject;
import org.graalvm.nativeimage.UnmanagedMemory;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.function.CLibrary;
import org.graalvm.nativeimage.c.type.CCharPointer;
import org.graalvm.nativeimage.c.type.CTypeConversion;
import org.graalvm.nativeimage.c.type.VoidPointer;
import org.graalvm.word.Pointer;
import org.graalvm.word.PointerBase;
import org.graalvm.word.WordFactory;

/** {@link CodecLibraries} in a native image, which contains the libraries. */
@CLibrary(value = "zstd", requireStatic = true)
final class ImageCodecs extends CodecLibraries {
    /** {@code @CLibrary} names one library for each class. */
    @CLibrary(value = "lz4", requireStatic = true)
    private static final class Lz4 {
        private Lz4() {}

        @CFunction("LZ4F_createCompressionContext")
        static native long createCompressor(PointerBase context, int version);

        @CFunction("LZ4F_freeCompressionContext")
        static native long freeCompressor(long context);

        @CFunction("LZ4F_compressBound")
        static native long bound(long length, PointerBase preferences);

        @CFunction("LZ4F_compressBegin")
        static native long begin(long context, PointerBase out, long room, PointerBase preferences);

        @CFunction("LZ4F_compressUpdate")
        static native long update(
                long context,
                PointerBase out,
                long room,
                PointerBase in,
                long length,
                PointerBase options);

        @CFunction("LZ4F_compressEnd")
        static native long end(long context, PointerBase out, long room, PointerBase options);

        @CFunction("LZ4F_createDecompressionContext")
        static native long createDecompressor(PointerBase context, int version);

        @CFunction("LZ4F_freeDecompressionContext")
        static native long freeDecompressor(long context);

        @CFunction("LZ4F_resetDecompressionContext")
        static native void resetDecompressor(long context);

        @CFunction("LZ4F_decompress")
        static native long decompress(
                long context,
                PointerBase out,
                PointerBase outSize,
                PointerBase in,
                PointerBase inSize,
                PointerBase options);

        @CFunction("LZ4F_getErrorName")
        static native CCharPointer errorName(long result);
    }

    @CLibrary(value = "bz2", requireStatic = true)
    private static final class Bz2 {
        private Bz2() {}

        @CFunction("BZ2_bzDecompressInit")
        static native int init(PointerBase stream, int verbosity, int small);

        @CFunction("BZ2_bzDecompress")
        static native int decompress(PointerBase stream);

        @CFunction("BZ2_bzDecompressEnd")
        static native int end(PointerBase stream);
    }

    @CLibrary(value = "crypto", requireStatic = true)
    private static final class Crypto {
        private Crypto() {}

        @CFunction("SHA1_Init")
        static native int init(PointerBase context);

        @CFunction("SHA1_Update")
        static native int update(PointerBase context, PointerBase data, long length);

        @CFunction("SHA1_Final")
        static native int end(PointerBase digest, PointerBase context);
    }

    @CFunction("ZSTD_createCCtx")
    private static native long zstdCreateCompressor();

    @CFunction("ZSTD_freeCCtx")
    private static native long zstdFreeCompressor(long context);

    @CFunction("ZSTD_CCtx_setParameter")
    private static native long zstdSetParameter(long context, int parameter, int value);

    @CFunction("ZSTD_compressStream2_simpleArgs")
    private static native long zstdCompress(
            long context,
            PointerBase out,
            long outLength,
            PointerBase outPosition,
            PointerBase in,
            long inLength,
            PointerBase inPosition,
            int operation);

    @CFunction("ZSTD_createDCtx")
    private static native long zstdCreateDecompressor();

    @CFunction("ZSTD_freeDCtx")
    private static native long zstdFreeDecompressor(long context);

    @CFunction("ZSTD_DCtx_reset")
    private static native long zstdResetDecompressor(long context, int what);

    @CFunction("ZSTD_decompressStream_simpleArgs")
    private static native long zstdDecompress(
            long context,
            PointerBase out,
            long outLength,
            PointerBase outPosition,
            PointerBase in,
            long inLength,
            PointerBase inPosition);

    @CFunction("ZSTD_getErrorName")
    private static native CCharPointer zstdErrorName(long result);

    @Override
    public long zstdCompressor(int level) {
        long context = zstdCreateCompressor();
        if (context != 0) {
            zstdSetParameter(context, ZSTD_LEVEL, level);
        }
        return context;
    }

    @Override
    public void freeZstdCompressor(long context) {
        zstdFreeCompressor(context);
    }

    @Override
    public long zstdCompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            boolean end,
            long[] progress) {
        progress[0] = outOffset;
        progress[1] = inOffset;
        try (PinnedObject pinnedOut = PinnedObject.create(out);
                PinnedObject pinnedIn = PinnedObject.create(in);
                PinnedObject positions = PinnedObject.create(progress)) {
            return zstdCompress(
                    context,
                    start(pinnedOut, out),
                    out.length,
                    positions.addressOfArrayElement(0),
                    start(pinnedIn, in),
                    inEnd,
                    positions.addressOfArrayElement(1),
                    end ? 2 : 0);
        }
    }

    @Override
    public long zstdDecompressor() {
        return zstdCreateDecompressor();
    }

    @Override
    public void freeZstdDecompressor(long context) {
        zstdFreeDecompressor(context);
    }

    @Override
    public void resetZstdDecompressor(long context) {
        zstdResetDecompressor(context, 1);
    }

    @Override
    public long zstdDecompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            long[] progress) {
        progress[0] = outOffset;
        progress[1] = inOffset;
        try (PinnedObject pinnedOut = PinnedObject.create(out);
                PinnedObject pinnedIn = PinnedObject.create(in);
                PinnedObject positions = PinnedObject.create(progress)) {
            return zstdDecompress(
                    context,
                    start(pinnedOut, out),
                    out.length,
                    positions.addressOfArrayElement(0),
                    start(pinnedIn, in),
                    inEnd,
                    positions.addressOfArrayElement(1));
        }
    }

    @Override
    public String zstdError(long result) {
        return CTypeConversion.toJavaString(zstdErrorName(result));
    }

    @Override
    public long lz4Compressor() {
        long[] context = new long[1];
        try (PinnedObject pinned = PinnedObject.create(context)) {
            long result = Lz4.createCompressor(pinned.addressOfArrayElement(0), LZ4F_VERSION);
            return result == 0 ? context[0] : 0;
        }
    }

    @Override
    public void freeLz4Compressor(long context) {
        Lz4.freeCompressor(context);
    }

    @Override
    public long lz4Bound(int inLength, int[] preferences) {
        try (PinnedObject pinned = PinnedObject.create(preferences)) {
            return Lz4.bound(inLength, pinned.addressOfArrayElement(0));
        }
    }

    @Override
    public long lz4Begin(long context, byte[] out, int[] preferences) {
        try (PinnedObject pinnedOut = PinnedObject.create(out);
                PinnedObject pinned = PinnedObject.create(preferences)) {
            return Lz4.begin(
                    context, start(pinnedOut, out), out.length, pinned.addressOfArrayElement(0));
        }
    }

    @Override
    public long lz4Update(long context, byte[] out, byte[] in, int inOffset, int inLength) {
        try (PinnedObject pinnedOut = PinnedObject.create(out);
                PinnedObject pinnedIn = PinnedObject.create(in)) {
            return Lz4.update(
                    context,
                    start(pinnedOut, out),
                    out.length,
                    at(pinnedIn, in, inOffset),
                    inLength,
                    WordFactory.nullPointer());
        }
    }

    @Override
    public long lz4End(long context, byte[] out) {
        try (PinnedObject pinnedOut = PinnedObject.create(out)) {
            return Lz4.end(context, start(pinnedOut, out), out.length, WordFactory.nullPointer());
        }
    }

    @Override
    public long lz4Decompressor() {
        long[] context = new long[1];
        try (PinnedObject pinned = PinnedObject.create(context)) {
            long result = Lz4.createDecompressor(pinned.addressOfArrayElement(0), LZ4F_VERSION);
            return result == 0 ? context[0] : 0;
        }
    }

    @Override
    public void freeLz4Decompressor(long context) {
        Lz4.freeDecompressor(context);
    }

    @Override
    public void resetLz4Decompressor(long context) {
        Lz4.resetDecompressor(context);
    }

    @Override
    public long lz4Decompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            long[] progress) {
        progress[0] = (long) out.length - outOffset;
        progress[1] = (long) inEnd - inOffset;
        long result;
        try (PinnedObject pinnedOut = PinnedObject.create(out);
                PinnedObject pinnedIn = PinnedObject.create(in);
                PinnedObject sizes = PinnedObject.create(progress)) {
            result =
                    Lz4.decompress(
                            context,
                            at(pinnedOut, out, outOffset),
                            sizes.addressOfArrayElement(0),
                            at(pinnedIn, in, inOffset),
                            sizes.addressOfArrayElement(1),
                            WordFactory.nullPointer());
        }
        progress[0] += outOffset;
        progress[1] += inOffset;
        return result;
    }

    @Override
    public String lz4Error(long result) {
        return CTypeConversion.toJavaString(Lz4.errorName(result));
    }

    @Override
    public long bz2Decompressor() {
        Pointer stream = UnmanagedMemory.calloc(BZ_STREAM_BYTES);
        if (Bz2.init(stream, 0, 0) != BZ2_OK) {
            UnmanagedMemory.free(stream);
            return 0;
        }
        return stream.rawValue();
    }

    @Override
    public void freeBz2Decompressor(long context) {
        Pointer stream = WordFactory.pointer(context);
        Bz2.end(stream);
        UnmanagedMemory.free(stream);
    }

    @Override
    public int bz2Decompress(
            long context,
            byte[] out,
            int outOffset,
            byte[] in,
            int inOffset,
            int inEnd,
            long[] progress) {
        Pointer stream = WordFactory.pointer(context);
        try (PinnedObject pinnedOut = PinnedObject.create(out);
                PinnedObject pinnedIn = PinnedObject.create(in)) {
            PointerBase from = at(pinnedIn, in, inOffset);
            PointerBase to = at(pinnedOut, out, outOffset);
            stream.writeWord(BZ_NEXT_IN, from);
            stream.writeInt(BZ_AVAIL_IN, inEnd - inOffset);
            stream.writeWord(BZ_NEXT_OUT, to);
            stream.writeInt(BZ_AVAIL_OUT, out.length - outOffset);
            int result = Bz2.decompress(stream);
            progress[0] = (long) out.length - stream.readInt(BZ_AVAIL_OUT);
            progress[1] = (long) inEnd - stream.readInt(BZ_AVAIL_IN);
            return result;
        }
    }

    @Override
    public boolean hasSha1() {
        return true;
    }

    @Override
    public void sha1Init(byte[] context) {
        try (PinnedObject pinned = PinnedObject.create(context)) {
            Crypto.init(pinned.addressOfArrayElement(0));
        }
    }

    @Override
    public void sha1Update(byte[] context, byte[] data, int offset, int length) {
        if (length == 0) {
            return;
        }
        try (PinnedObject pinned = PinnedObject.create(context);
                PinnedObject pinnedData = PinnedObject.create(data)) {
            Crypto.update(
                    pinned.addressOfArrayElement(0),
                    pinnedData.addressOfArrayElement(offset),
                    length);
        }
    }

    @Override
    public void sha1Final(byte[] context, byte[] digest) {
        try (PinnedObject pinned = PinnedObject.create(context);
                PinnedObject pinnedDigest = PinnedObject.create(digest)) {
            Crypto.end(pinnedDigest.addressOfArrayElement(0), pinned.addressOfArrayElement(0));
        }
    }

    private static VoidPointer start(PinnedObject pinned, byte[] array) {
        return at(pinned, array, 0);
    }

    /** Null at the array's end, where there is no element to have an address. */
    private static VoidPointer at(PinnedObject pinned, byte[] array, int index) {
        return index < array.length
                ? pinned.addressOfArrayElement(index)
                : WordFactory.nullPointer();
    }
}
