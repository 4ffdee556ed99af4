package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The header of a segment's first page (XLogLongPageHeaderData): little endian, as on all our
 * machines.
 *
 * @param magic says the version of PostgreSQL
 * @param systemId of the cluster, unsigned
 * @param segmentSize bytes
 */
record WalHeader(int magic, long systemId, int segmentSize) {
    private static final int BYTES = 40;
    private static final int LONG_HEADER = 0x0002;
    private static final int SYSTEM_ID_AT = 24;
    private static final int SEGMENT_SIZE_AT = 32;
    private static final int DEFAULT_SEGMENT_SIZE = 16 << 20;
    private static final int MIN_SEGMENT_SIZE = 1 << 20;
    private static final int MAX_SEGMENT_SIZE = 1 << 30;

    /**
     * @throws BackupException {@code FORMAT} when the file does not begin as a segment does
     */
    static WalHeader read(Path segment) throws BackupException {
        try (InputStream in = Files.newInputStream(segment)) {
            return parse(segment.toString(), in.readNBytes(BYTES));
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_READ,
                    "cannot read " + segment + ": " + e.getMessage(),
                    null,
                    e);
        }
    }

    static WalHeader parse(String name, byte[] page) throws BackupException {
        ByteBuffer header = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        if (page.length < BYTES || (header.getShort(2) & LONG_HEADER) == 0) {
            throw new BackupException(
                    BackrestExit.FORMAT, name + " does not begin with the header of a WAL segment");
        }
        int size = header.getInt(SEGMENT_SIZE_AT);
        if (!isSegmentSize(size)) {
            throw new BackupException(
                    BackrestExit.FORMAT,
                    name + " has a header with a segment size of " + size + " bytes");
        }
        return new WalHeader(header.getShort(0) & 0xFFFF, header.getLong(SYSTEM_ID_AT), size);
    }

    /** Of segments in the directory that a file is in; the default where it does not matter. */
    static int segmentSize(WalFile file, Path source) throws BackupException {
        return switch (file) {
            case WalFile.Segment _, WalFile.Partial _ -> read(source).segmentSize();
            // Its segment may be gone already.
            case WalFile.BackupHistory(var segment, _) -> {
                Path beside = source.resolveSibling(segment.text());
                yield Files.exists(beside) ? read(beside).segmentSize() : DEFAULT_SEGMENT_SIZE;
            }
            case WalFile.History _ -> DEFAULT_SEGMENT_SIZE;
        };
    }

    /** A power of two from 1 MiB to 1 GiB. */
    static boolean isSegmentSize(long bytes) {
        return bytes >= MIN_SEGMENT_SIZE && bytes <= MAX_SEGMENT_SIZE && Long.bitCount(bytes) == 1;
    }
}
