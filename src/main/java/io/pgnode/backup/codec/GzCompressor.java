package io.pgnode.backup.codec;

import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes one gzip member, or when raw, a zlib stream: a shorter header and trailer. */
final class GzCompressor implements Filter {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

    private final boolean raw;
    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private final byte[] output = new byte[64 * 1024];
    private boolean started;

    GzCompressor(int level, boolean raw) {
        this.raw = raw;
        deflater = new Deflater(level, !raw);
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        start(out);
        if (!raw) {
            crc.update(data, offset, length);
        }
        deflater.setInput(data, offset, length);
        while (!deflater.needsInput()) {
            give(out);
        }
    }

    @Override
    public void finish(Sink out) throws IOException {
        start(out);
        deflater.finish();
        while (!deflater.finished()) {
            give(out);
        }
        if (!raw) {
            byte[] trailer = new byte[8];
            littleEndian((int) crc.getValue(), trailer, 0);
            littleEndian((int) deflater.getBytesRead(), trailer, 4);
            out.accept(trailer, 0, trailer.length);
        }
        deflater.reset();
        crc.reset();
        started = false;
    }

    private void start(Sink out) throws IOException {
        if (!started && !raw) {
            out.accept(HEADER, 0, HEADER.length);
        }
        started = true;
    }

    private void give(Sink out) throws IOException {
        int count = deflater.deflate(output);
        if (count > 0) {
            out.accept(output, 0, count);
        }
    }

    private static void littleEndian(int value, byte[] out, int offset) {
        for (int i = 0; i < Integer.BYTES; i++) {
            out[offset + i] = (byte) (value >>> (8 * i));
        }
    }

    @Override
    public void close() {
        deflater.end();
    }
}
