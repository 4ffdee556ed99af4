package io.pgnode.backup.codec;

import io.pgnode.backup.core.Checksum;

/** Computes the SHA-1 of bytes as they come. Used by one thread at a time. */
public final class Sha1 {
    public static Checksum of(byte[] data) {
        return of(data, 0, data.length);
    }

    public static Checksum of(byte[] data, int offset, int length) {
        Sha1 sha1 = new Sha1();
        sha1.update(data, offset, length);
        return sha1.digest();
    }

    public void update(byte[] data, int offset, int length) {
        throw new UnsupportedOperationException(data.length + " " + offset + " " + length);
    }

    /** Of all bytes since the start or the last digest; starts again. */
    public Checksum digest() {
        throw new UnsupportedOperationException();
    }
}
