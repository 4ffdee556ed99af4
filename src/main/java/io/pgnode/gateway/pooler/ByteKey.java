package io.pgnode.gateway.pooler;

import io.pgnode.net.Chunk;
import java.util.Arrays;

/**
 * Bytes as the key of a map. One that is filled again for each look-up costs no allocation; what is
 * stored must be a {@link #copy}.
 */
final class ByteKey {
    private byte[] bytes;
    private int length;
    private int hash;

    ByteKey() {
        bytes = new byte[64];
    }

    private ByteKey(byte[] bytes, int hash) {
        this.bytes = bytes;
        this.length = bytes.length;
        this.hash = hash;
    }

    /** Takes the bytes of {@code [from, end)}. */
    ByteKey fill(Chunk source, int from, int end) {
        length = end - from;
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, bytes.length * 2)];
        }
        source.copyTo(bytes, from, end);
        int h = 1;
        for (int i = 0; i < length; i++) {
            h = 31 * h + bytes[i];
        }
        hash = h;
        return this;
    }

    ByteKey fill(byte[] source) {
        length = source.length;
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        System.arraycopy(source, 0, bytes, 0, length);
        int h = 1;
        for (byte b : source) {
            h = 31 * h + b;
        }
        hash = h;
        return this;
    }

    ByteKey copy() {
        return new ByteKey(Arrays.copyOf(bytes, length), hash);
    }

    /** The bytes of a {@link #copy}. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteKey that
                && hash == that.hash
                && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
