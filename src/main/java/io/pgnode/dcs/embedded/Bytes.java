package io.pgnode.dcs.embedded;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Immutable bytes, in unsigned lexicographic order as etcd sorts its keys. */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] data;

    private Bytes(byte[] data) {
        this.data = data;
    }

    /** Copies {@code data}. */
    public static Bytes of(byte[] data) {
        return new Bytes(data.clone());
    }

    /** Takes {@code data} over: the caller must not change it any more. */
    static Bytes wrap(byte[] data) {
        return new Bytes(data);
    }

    public static Bytes utf8(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public boolean isEmpty() {
        return data.length == 0;
    }

    public int length() {
        return data.length;
    }

    public byte[] toArray() {
        return data.clone();
    }

    /** The array itself; the caller must not change it. */
    byte[] array() {
        return data;
    }

    /** As UTF-8 text; malformed bytes become U+FFFD. */
    public String text() {
        return new String(data, StandardCharsets.UTF_8);
    }

    /** The first key after all keys that begin with this; null when there is none. */
    public @Nullable Bytes afterPrefix() {
        for (int i = data.length - 1; i >= 0; i--) {
            if (data[i] != (byte) 0xFF) {
                byte[] end = Arrays.copyOf(data, i + 1);
                end[i]++;
                return new Bytes(end);
            }
        }
        return null;
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(data, other.data);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes bytes && Arrays.equals(data, bytes.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return text();
    }
}
