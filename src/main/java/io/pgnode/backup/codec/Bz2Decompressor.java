package io.pgnode.backup.codec;

import io.pgnode.os.CodecLibraries;
import java.io.IOException;

final class Bz2Decompressor extends Decompressor {
    private final CodecLibraries libraries = CodecLibraries.get();
    private NativeContext context = open();

    Bz2Decompressor() {
        super("bz2");
    }

    private NativeContext open() {
        return new NativeContext(
                "bz2", libraries.bz2Decompressor(), libraries::freeBz2Decompressor);
    }

    @Override
    boolean step(byte[] out, byte[] in, int from, int to) throws IOException {
        int result = libraries.bz2Decompress(context.address(), out, 0, in, from, to, progress);
        if (result < 0) {
            throw damaged("error " + result);
        }
        return result == CodecLibraries.BZ2_END;
    }

    @Override
    void restart() {
        context.close();
        context = open();
    }

    @Override
    public void close() {
        context.close();
    }
}
