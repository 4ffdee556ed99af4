package io.pgnode.backup.codec;

import io.pgnode.os.CodecLibraries;
import java.io.IOException;

final class ZstdDecompressor extends Decompressor {
    private final CodecLibraries libraries = CodecLibraries.get();
    private final NativeContext context =
            new NativeContext(
                    "zstd", libraries.zstdDecompressor(), libraries::freeZstdDecompressor);

    ZstdDecompressor() {
        super("zstd");
    }

    @Override
    boolean step(byte[] out, byte[] in, int from, int to) throws IOException {
        long result = libraries.zstdDecompress(context.address(), out, 0, in, from, to, progress);
        if (result < 0) {
            throw damaged(libraries.zstdError(result));
        }
        return result == 0;
    }

    @Override
    void restart() {
        libraries.resetZstdDecompressor(context.address());
    }

    @Override
    public void close() {
        context.close();
    }
}
