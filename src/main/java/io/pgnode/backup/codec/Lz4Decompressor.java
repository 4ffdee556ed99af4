package io.pgnode.backup.codec;

import io.pgnode.os.CodecLibraries;
import java.io.IOException;

/** Checks the content's checksum where the frame has one. */
final class Lz4Decompressor extends Decompressor {
    private final CodecLibraries libraries = CodecLibraries.get();
    private final NativeContext context =
            new NativeContext("lz4", libraries.lz4Decompressor(), libraries::freeLz4Decompressor);

    Lz4Decompressor() {
        super("lz4");
    }

    @Override
    boolean step(byte[] out, byte[] in, int from, int to) throws IOException {
        long result = libraries.lz4Decompress(context.address(), out, 0, in, from, to, progress);
        if (result < 0) {
            throw damaged(libraries.lz4Error(result));
        }
        return result == 0;
    }

    @Override
    void restart() {
        libraries.resetLz4Decompressor(context.address());
    }

    @Override
    public void close() {
        context.close();
    }
}
