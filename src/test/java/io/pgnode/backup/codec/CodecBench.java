package io.pgnode.backup.codec;

import io.pgnode.backup.core.CompressType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Prints MB/s of one thread for each codec, over the file that {@code -Dcodec.bench=} names, or
 * over bytes made up.
 */
@Tag("bench")
@SuppressWarnings("NullAway") // an array that may be null, of a record in a class file
class CodecBench {
    private static final int BLOCK = Pipeline.BLOCK_SIZE;

    @Test
    void print() throws IOException {
        String file = System.getProperty("codec.bench");
        byte[] data = file == null ? Samples.mixed(64 << 20, 1) : Files.readAllBytes(Path.of(file));
        byte[] pass = Samples.bytes("pass");
        System.out.printf("%d MB%n", data.length >> 20);
        measure("sha1", data.length, () -> Sha1.of(data).high());
        measure("xxh3, blocks of 8 KiB", data.length, () -> hashes(data));
        measure("page checksums", data.length, () -> pages(data));
        for (CompressType type : new CompressType[] {CompressType.ZST, CompressType.LZ4}) {
            for (int level : new int[] {1, 3}) {
                measure(
                        type + " " + level,
                        data.length,
                        () -> run(Filters.compressor(type, level, false), data));
            }
            byte[] stored = Filters.apply(Filters.compressor(type, 1, false), data);
            System.out.printf("  stored %.3f%n", stored.length / (double) data.length);
            measure(
                    type + " decompress",
                    data.length,
                    () -> run(Filters.decompressor(type, false), stored));
        }
        measure("encrypt", data.length, () -> run(Filters.encryptor(pass, true), data));
        byte[] encrypted = Filters.apply(Filters.encryptor(pass, true), data);
        measure("decrypt", data.length, () -> run(Filters.decryptor(pass, true), encrypted));
        for (CompressType type : new CompressType[] {CompressType.ZST, CompressType.LZ4}) {
            measure(
                    "blocks, " + type,
                    data.length,
                    () ->
                            run(
                                    new BlockWriter(
                                            new BlockWriter.Settings(
                                                    32768,
                                                    7,
                                                    1 << 20,
                                                    0,
                                                    0,
                                                    0,
                                                    null,
                                                    Compression.of(type, 1),
                                                    null)),
                                    data));
        }
    }

    private static long hashes(byte[] data) {
        byte[] hash = new byte[6];
        for (int i = 0; i + 8192 <= data.length; i += 8192) {
            Xxh3.hash128(data, i, 8192, hash, 0, 6);
        }
        return hash[0];
    }

    private static long pages(byte[] data) {
        long sum = 0;
        for (int i = 0; i + 8192 <= data.length; i += 8192) {
            sum += PageChecksum.compute(data, i, 8192, i);
        }
        return sum;
    }

    private static long run(Filter filter, byte[] data) {
        long[] count = new long[1];
        Sink sink = (_, _, length) -> count[0] += length;
        try (filter) {
            for (int done = 0; done < data.length; done += BLOCK) {
                filter.update(data, done, Math.min(BLOCK, data.length - done), sink);
            }
            filter.finish(sink);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return count[0];
    }

    private static void measure(String name, long bytes, LongSupplier work) {
        long best = Long.MAX_VALUE;
        long check = 0;
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            check += work.getAsLong();
            best = Math.min(best, System.nanoTime() - start);
        }
        System.out.printf("%-24s %6.0f MB/s (%d)%n", name, bytes * 1e3 / best, check & 1);
    }
}
