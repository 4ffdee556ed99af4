package io.pgnode.backup.upkeep;

import io.pgnode.backup.codec.Sink;
import java.io.ByteArrayOutputStream;

/** Keeps what comes after so many bytes. */
final class AfterOffset implements Sink {
    private final ByteArrayOutputStream kept;
    private long toSkip;

    AfterOffset(long offset, ByteArrayOutputStream kept) {
        this.toSkip = offset;
        this.kept = kept;
    }

    @Override
    public void accept(byte[] data, int offset, int length) {
        int skipped = (int) Math.min(toSkip, length);
        toSkip -= skipped;
        kept.write(data, offset + skipped, length - skipped);
    }
}
