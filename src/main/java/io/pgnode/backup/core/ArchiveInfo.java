package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/**
 * The file {@code archive.info}: whose WAL an archive holds.
 *
 * @param databases without catalog and control versions
 * @param cipherPass what the WAL is encrypted with; null without encryption
 */
public record ArchiveInfo(DatabaseHistory databases, @Nullable String cipherPass) {
    /** What the file is called. */
    public static final String FILE = "archive.info";

    /**
     * @throws FormatException when it is damaged or not such a file
     */
    public static ArchiveInfo parse(byte[] file) throws FormatException {
        throw new UnsupportedOperationException();
    }

    /** The file, byte for byte as pgBackRest writes it. */
    public byte[] render() {
        throw new UnsupportedOperationException();
    }

    /** Without the pass. */
    @Override
    public String toString() {
        return "ArchiveInfo[" + databases + "]";
    }
}
