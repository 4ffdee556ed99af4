package io.pgnode.backup.core;

import java.util.HexFormat;

/** A SHA-1 digest, 20 bytes; prints as 40 lower case hexadecimal digits. */
public record Checksum(long high, long middle, int low) {
    public static final int BYTES = 20;

    /** Of no bytes at all. */
    public static final Checksum OF_NOTHING = parse("da39a3ee5e6b4b0d3255bfef95601890afd80709");

    /**
     * @throws IllegalArgumentException when the text is not 40 hexadecimal digits
     */
    public static Checksum parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException(
                    "SHA-1 must be 40 hexadecimal digits, was \"" + hex + "\"");
        }
        return new Checksum(
                HexFormat.fromHexDigitsToLong(hex, 0, 16),
                HexFormat.fromHexDigitsToLong(hex, 16, 32),
                HexFormat.fromHexDigits(hex, 32, 40));
    }

    /** Of a digest's 20 bytes. */
    public static Checksum of(byte[] digest) {
        return parse(HexFormat.of().formatHex(digest));
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high)
                + HexFormat.of().toHexDigits(middle)
                + HexFormat.of().toHexDigits(low);
    }
}
