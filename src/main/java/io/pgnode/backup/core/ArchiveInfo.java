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
        InfoSections sections = InfoSections.read(FILE, file);
        return new ArchiveInfo(
                HistorySections.read(sections, "db-id", false), sections.cipherPass());
    }

    /** The file, byte for byte as pgBackRest writes it. */
    public byte[] render() {
        InfoWriter out = new InfoWriter(InfoWriter.VERSION, 512);
        if (cipherPass != null) {
            out.section("cipher").entry("cipher-pass", cipherPass);
        }
        HistorySections.write(databases, "db-id", false, out);
        return out.end();
    }

    /** Without the pass. */
    @Override
    public String toString() {
        return "ArchiveInfo[" + databases + "]";
    }
}
