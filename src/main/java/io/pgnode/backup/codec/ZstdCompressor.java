package io.pgnode.backup.codec;

import io.pgnode.os.CodecLibraries;
import java.io.IOException;

/** Writes one zstd frame, without checksum and size, as pgBackRest does. */
final class ZstdCompressor implements Filter {
    /** So much at once: a native call on the JVM holds up the collector. */
    private static final int STEP = 128 * 1024;

    private static final byte[] NOTHING = {};

    private final CodecLibraries libraries = CodecLibraries.get();
    private final NativeContext context;
    private final byte[] output = new byte[STEP];
    private final long[] progress = new long[2];

    ZstdCompressor(int level) {
        context =
                new NativeContext(
                        "zstd", libraries.zstdCompressor(level), libraries::freeZstdCompressor);
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        int position = offset;
        int end = offset + length;
        while (position < end) {
            step(data, position, Math.min(end, position + STEP), false, out);
            position = (int) progress[1];
        }
    }

    @Override
    public void finish(Sink out) throws IOException {
        long left;
        do {
            left = step(NOTHING, 0, 0, true, out);
        } while (left != 0);
    }

    private long step(byte[] data, int from, int to, boolean end, Sink out) throws IOException {
        long result =
                libraries.zstdCompress(context.address(), output, 0, data, from, to, end, progress);
        if (result < 0) {
            throw new IOException("zstd cannot compress: " + libraries.zstdError(result));
        }
        if (progress[0] > 0) {
            out.accept(output, 0, (int) progress[0]);
        }
        return result;
    }

    @Override
    public void close() {
        context.close();
    }
}
