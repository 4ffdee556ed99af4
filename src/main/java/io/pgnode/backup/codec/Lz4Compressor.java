package io.pgnode.backup.codec;

import io.pgnode.os.CodecLibraries;
import java.io.IOException;

/** Writes one lz4 frame of linked blocks of 64 KiB; raw ones lack the content's checksum. */
final class Lz4Compressor implements Filter {
    private static final int STEP = 256 * 1024;

    private final CodecLibraries libraries = CodecLibraries.get();
    private final NativeContext context;
    private final int[] preferences;
    private final byte[] output;
    private boolean started;

    Lz4Compressor(int level, boolean raw) {
        preferences = CodecLibraries.lz4Preferences(level, !raw);
        output = new byte[(int) libraries.lz4Bound(STEP, preferences)];
        context = new NativeContext("lz4", libraries.lz4Compressor(), libraries::freeLz4Compressor);
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        start(out);
        for (int done = 0; done < length; done += STEP) {
            int step = Math.min(STEP, length - done);
            give(libraries.lz4Update(context.address(), output, data, offset + done, step), out);
        }
    }

    @Override
    public void finish(Sink out) throws IOException {
        start(out);
        give(libraries.lz4End(context.address(), output), out);
        started = false;
    }

    private void start(Sink out) throws IOException {
        if (!started) {
            give(libraries.lz4Begin(context.address(), output, preferences), out);
            started = true;
        }
    }

    private void give(long result, Sink out) throws IOException {
        if (result < 0) {
            throw new IOException("lz4 cannot compress: " + libraries.lz4Error(result));
        }
        if (result > 0) {
            out.accept(output, 0, (int) result);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
