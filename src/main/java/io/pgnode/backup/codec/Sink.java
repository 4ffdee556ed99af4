package io.pgnode.backup.codec;

import java.io.IOException;

/** Takes bytes one after the other. The array is the caller's again when the call returns. */
@FunctionalInterface
public interface Sink {
    void accept(byte[] data, int offset, int length) throws IOException;
}
