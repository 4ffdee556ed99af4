package io.pgnode.backup.core;

import java.util.Locale;

/** How a file of a repository is compressed, by pgBackRest's names. */
public enum CompressType {
    NONE(0),
    GZ(6),
    LZ4(1),
    ZST(3),
    /** Read only. */
    BZ2(9);

    private final int defaultLevel;

    CompressType(int defaultLevel) {
        this.defaultLevel = defaultLevel;
    }

    /** The level when none is configured. */
    public int defaultLevel() {
        return defaultLevel;
    }

    /** As in configuration files and manifests: {@code none}, {@code zst} … */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a file's name ends with, such as {@code .zst}; empty for none. */
    public String suffix() {
        return this == NONE ? "" : "." + text();
    }

    /** The type whose suffix the name ends with; {@link #NONE} when it is none of theirs. */
    public static CompressType ofFileName(String name) {
        for (CompressType type : values()) {
            if (type != NONE && name.endsWith(type.suffix())) {
                return type;
            }
        }
        return NONE;
    }

    /**
     * @throws IllegalArgumentException when there is no such type
     */
    public static CompressType parse(String text) {
        for (CompressType type : values()) {
            if (type.text().equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "compression must be none, gz, lz4, zst or bz2, was \"" + text + "\"");
    }
}
