package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pgnode.os.ForeignLibrary.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** {@link CodecLibraries} on the JVM. */
final class ForeignCodecs extends CodecLibraries {
    private static final int BZ2_BUFFER = 64 * 1024;

    private static final ForeignLibrary ZSTD =
            new ForeignLibrary("libzstd.so.1", "libzstd.so", "libzstd1 (Debian) or libzstd (RPM)");
    private static final ForeignLibrary LZ4 =
            new ForeignLibrary("liblz4.so.1", "liblz4.so", "liblz4-1 (Debian) or lz4-libs (RPM)");
    private static final ForeignLibrary BZ2 =
            new ForeignLibrary(
                    "libbz2.so.1.0", "libbz2.so.1", "libbz2-1.0 (Debian) or bzip2-libs (RPM)");

    private static final Function ZSTD_CREATE_CCTX = ZSTD.function("ZSTD_createCCtx", JAVA_LONG);
    private static final Function ZSTD_FREE_CCTX =
            ZSTD.function("ZSTD_freeCCtx", JAVA_LONG, JAVA_LONG);
    private static final Function ZSTD_SET_PARAMETER =
            ZSTD.function("ZSTD_CCtx_setParameter", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final Function ZSTD_COMPRESS =
            ZSTD.function(
                    "ZSTD_compressStream2_simpleArgs",
                    JAVA_LONG,
                    JAVA_LONG,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    JAVA_INT);
    private static final Function ZSTD_CREATE_DCTX = ZSTD.function("ZSTD_createDCtx", JAVA_LONG);
    private static final Function ZSTD_FREE_DCTX =
            ZSTD.function("ZSTD_freeDCtx", JAVA_LONG, JAVA_LONG);
    private static final Function ZSTD_DCTX_RESET =
            ZSTD.function("ZSTD_DCtx_reset", JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final Function ZSTD_DECOMPRESS =
            ZSTD.function(
                    "ZSTD_decompressStream_simpleArgs",
                    JAVA_LONG,
                    JAVA_LONG,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS);
    private static final Function ZSTD_ERROR_NAME =
            ZSTD.function("ZSTD_getErrorName", ADDRESS, JAVA_LONG);

    private static final Function LZ4_CREATE_CCTX =
            LZ4.function("LZ4F_createCompressionContext", JAVA_LONG, ADDRESS, JAVA_INT);
    private static final Function LZ4_FREE_CCTX =
            LZ4.function("LZ4F_freeCompressionContext", JAVA_LONG, JAVA_LONG);
    private static final Function LZ4_BOUND =
            LZ4.function("LZ4F_compressBound", JAVA_LONG, JAVA_LONG, ADDRESS);
    private static final Function LZ4_BEGIN =
            LZ4.function("LZ4F_compressBegin", JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
    private static final Function LZ4_UPDATE =
            LZ4.function(
                    "LZ4F_compressUpdate",
                    JAVA_LONG,
                    JAVA_LONG,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS);
    private static final Function LZ4_END =
            LZ4.function("LZ4F_compressEnd", JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
    private static final Function LZ4_CREATE_DCTX =
            LZ4.function("LZ4F_createDecompressionContext", JAVA_LONG, ADDRESS, JAVA_INT);
    private static final Function LZ4_FREE_DCTX =
            LZ4.function("LZ4F_freeDecompressionContext", JAVA_LONG, JAVA_LONG);
    private static final Function LZ4_RESET_DCTX =
            LZ4.function("LZ4F_resetDecompressionContext", null, JAVA_LONG);
    private static final Function LZ4_DECOMPRESS =
            LZ4.function(
                    "LZ4F_decompress",
                    JAVA_LONG,
                    JAVA_LONG,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final Function LZ4_ERROR_NAME =
            LZ4.function("LZ4F_getErrorName", ADDRESS, JAVA_LONG);

    private static final Function BZ2_INIT =
            BZ2.function("BZ2_bzDecompressInit", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final Function BZ2_DECOMPRESS =
            BZ2.function("BZ2_bzDecompress", JAVA_INT, ADDRESS);
    private static final Function BZ2_DECOMPRESS_END =
            BZ2.function("BZ2_bzDecompressEnd", JAVA_INT, ADDRESS);

    /** The stream's struct with its two buffers, by the struct's address. */
    private final Map<Long, Bz2Memory> bz2 = new ConcurrentHashMap<>();

    private record Bz2Memory(
            Arena arena, MemorySegment stream, MemorySegment in, MemorySegment out) {}

    private interface Call {
        long run() throws Throwable;
    }

    private static long call(Call call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("foreign call failed", e);
        }
    }

    @Override
    public long zstdCompressor(int level) {
        long context = call(() -> (long) ZSTD_CREATE_CCTX.handle().invokeExact());
        if (context != 0) {
            call(() -> (long) ZSTD_SET_PARAMETER.handle().invokeExact(context, ZSTD_LEVEL, level));
        }
        return context;
    }

    @Override
    public void freeZstdCompressor(long context) {
        call(() -> (long) ZSTD_FREE_CCTX.handle().invokeExact(context));
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
        MemorySegment pos = MemorySegment.ofArray(progress);
        return call(
                () ->
                        (long)
                                ZSTD_COMPRESS
                                        .handle()
                                        .invokeExact(
                                                context,
                                                MemorySegment.ofArray(out),
                                                (long) out.length,
                                                pos,
                                                MemorySegment.ofArray(in),
                                                (long) inEnd,
                                                pos.asSlice(Long.BYTES),
                                                end ? 2 : 0));
    }

    @Override
    public long zstdDecompressor() {
        return call(() -> (long) ZSTD_CREATE_DCTX.handle().invokeExact());
    }

    @Override
    public void freeZstdDecompressor(long context) {
        call(() -> (long) ZSTD_FREE_DCTX.handle().invokeExact(context));
    }

    @Override
    public void resetZstdDecompressor(long context) {
        call(() -> (long) ZSTD_DCTX_RESET.handle().invokeExact(context, 1));
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
        MemorySegment pos = MemorySegment.ofArray(progress);
        return call(
                () ->
                        (long)
                                ZSTD_DECOMPRESS
                                        .handle()
                                        .invokeExact(
                                                context,
                                                MemorySegment.ofArray(out),
                                                (long) out.length,
                                                pos,
                                                MemorySegment.ofArray(in),
                                                (long) inEnd,
                                                pos.asSlice(Long.BYTES)));
    }

    @Override
    public String zstdError(long result) {
        return name(ZSTD_ERROR_NAME, result);
    }

    @Override
    public long lz4Compressor() {
        return created(LZ4_CREATE_CCTX);
    }

    @Override
    public void freeLz4Compressor(long context) {
        call(() -> (long) LZ4_FREE_CCTX.handle().invokeExact(context));
    }

    @Override
    public long lz4Bound(int inLength, int[] preferences) {
        return call(
                () ->
                        (long)
                                LZ4_BOUND
                                        .handle()
                                        .invokeExact(
                                                (long) inLength,
                                                MemorySegment.ofArray(preferences)));
    }

    @Override
    public long lz4Begin(long context, byte[] out, int[] preferences) {
        return call(
                () ->
                        (long)
                                LZ4_BEGIN
                                        .handle()
                                        .invokeExact(
                                                context,
                                                MemorySegment.ofArray(out),
                                                (long) out.length,
                                                MemorySegment.ofArray(preferences)));
    }

    @Override
    public long lz4Update(long context, byte[] out, byte[] in, int inOffset, int inLength) {
        return call(
                () ->
                        (long)
                                LZ4_UPDATE
                                        .handle()
                                        .invokeExact(
                                                context,
                                                MemorySegment.ofArray(out),
                                                (long) out.length,
                                                MemorySegment.ofArray(in).asSlice(inOffset),
                                                (long) inLength,
                                                MemorySegment.NULL));
    }

    @Override
    public long lz4End(long context, byte[] out) {
        return call(
                () ->
                        (long)
                                LZ4_END.handle()
                                        .invokeExact(
                                                context,
                                                MemorySegment.ofArray(out),
                                                (long) out.length,
                                                MemorySegment.NULL));
    }

    @Override
    public long lz4Decompressor() {
        return created(LZ4_CREATE_DCTX);
    }

    @Override
    public void freeLz4Decompressor(long context) {
        call(() -> (long) LZ4_FREE_DCTX.handle().invokeExact(context));
    }

    @Override
    public void resetLz4Decompressor(long context) {
        call(
                () -> {
                    LZ4_RESET_DCTX.handle().invokeExact(context);
                    return 0;
                });
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
        MemorySegment sizes = MemorySegment.ofArray(progress);
        long result =
                call(
                        () ->
                                (long)
                                        LZ4_DECOMPRESS
                                                .handle()
                                                .invokeExact(
                                                        context,
                                                        MemorySegment.ofArray(out)
                                                                .asSlice(outOffset),
                                                        sizes,
                                                        MemorySegment.ofArray(in).asSlice(inOffset),
                                                        sizes.asSlice(Long.BYTES),
                                                        MemorySegment.NULL));
        progress[0] += outOffset;
        progress[1] += inOffset;
        return result;
    }

    @Override
    public String lz4Error(long result) {
        return name(LZ4_ERROR_NAME, result);
    }

    @Override
    public long bz2Decompressor() {
        Arena arena = Arena.ofShared();
        Bz2Memory memory =
                new Bz2Memory(
                        arena,
                        arena.allocate(BZ_STREAM_BYTES, Long.BYTES),
                        arena.allocate(BZ2_BUFFER),
                        arena.allocate(BZ2_BUFFER));
        long result;
        try {
            result = call(() -> (int) BZ2_INIT.handle().invokeExact(memory.stream, 0, 0));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
        if (result != BZ2_OK) {
            arena.close();
            return 0;
        }
        bz2.put(memory.stream.address(), memory);
        return memory.stream.address();
    }

    @Override
    public void freeBz2Decompressor(long context) {
        Bz2Memory memory = bz2.remove(context);
        if (memory != null) {
            call(() -> (int) BZ2_DECOMPRESS_END.handle().invokeExact(memory.stream));
            memory.arena.close();
        }
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
        Bz2Memory memory = bz2.get(context);
        if (memory == null) {
            throw new IllegalStateException("bz2 decompressor is closed");
        }
        int given = Math.min(inEnd - inOffset, BZ2_BUFFER);
        int room = Math.min(out.length - outOffset, BZ2_BUFFER);
        MemorySegment.copy(in, inOffset, memory.in, ValueLayout.JAVA_BYTE, 0, given);
        memory.stream.set(ADDRESS, BZ_NEXT_IN, memory.in);
        memory.stream.set(JAVA_INT, BZ_AVAIL_IN, given);
        memory.stream.set(ADDRESS, BZ_NEXT_OUT, memory.out);
        memory.stream.set(JAVA_INT, BZ_AVAIL_OUT, room);
        int result = (int) call(() -> (int) BZ2_DECOMPRESS.handle().invokeExact(memory.stream));
        int produced = room - memory.stream.get(JAVA_INT, BZ_AVAIL_OUT);
        MemorySegment.copy(memory.out, ValueLayout.JAVA_BYTE, 0, out, outOffset, produced);
        progress[0] = (long) outOffset + produced;
        progress[1] = (long) inOffset + given - memory.stream.get(JAVA_INT, BZ_AVAIL_IN);
        return result;
    }

    @Override
    public boolean hasSha1() {
        return false;
    }

    @Override
    public void sha1Init(byte[] context) {
        throw new UnsupportedOperationException("SHA-1 is the platform's");
    }

    @Override
    public void sha1Update(byte[] context, byte[] data, int offset, int length) {
        throw new UnsupportedOperationException("SHA-1 is the platform's");
    }

    @Override
    public void sha1Final(byte[] context, byte[] digest) {
        throw new UnsupportedOperationException("SHA-1 is the platform's");
    }

    /** A context that its constructor writes to a pointer. */
    private static long created(Function constructor) {
        long[] context = new long[1];
        long result =
                call(
                        () ->
                                (long)
                                        constructor
                                                .handle()
                                                .invokeExact(
                                                        MemorySegment.ofArray(context),
                                                        LZ4F_VERSION));
        return result == 0 ? context[0] : 0;
    }

    private static String name(Function function, long result) {
        String[] name = new String[1];
        call(
                () -> {
                    MemorySegment text = (MemorySegment) function.handle().invokeExact(result);
                    name[0] = text.reinterpret(Long.MAX_VALUE).getString(0);
                    return 0;
                });
        return name[0];
    }
}
