package io.pgnode.backup.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow at their end. */
final class ByteBuilder {
    private byte[] bytes;
    private int length;

    ByteBuilder(int capacity) {
        bytes = new byte[Math.max(capacity, 16)];
    }

    int length() {
        return length;
    }

    /** The array that holds them, from its beginning. */
    byte[] array() {
        return bytes;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    ByteBuilder add(byte value) {
        reserve(1);
        bytes[length++] = value;
        return this;
    }

    ByteBuilder add(byte[] data, int offset, int count) {
        reserve(count);
        System.arraycopy(data, offset, bytes, length, count);
        length += count;
        return this;
    }

    ByteBuilder add(byte[] data) {
        return add(data, 0, data.length);
    }

    /** Text of ASCII characters. */
    ByteBuilder ascii(String text) {
        int count = text.length();
        reserve(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
        return this;
    }

    ByteBuilder number(long value) {
        return ascii(Long.toString(value));
    }

    /** Text as {@link RawText} has it. */
    ByteBuilder raw(String text) {
        return add(RawText.encode(text));
    }

    void truncate(int to) {
        length = to;
    }

    private void reserve(int count) {
        if (count > bytes.length - length) {
            long wanted = Math.max((long) length + count, bytes.length * 3L / 2);
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
        }
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
