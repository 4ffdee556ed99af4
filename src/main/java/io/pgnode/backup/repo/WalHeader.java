package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.DatabaseVersion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first page header of a WAL segment.
 *
 * @param version which major version writes such pages
 * @param systemId unsigned decimal
 * @param segmentSize bytes
 */
record WalHeader(String version, String systemId, int segmentSize) {
    /** How many bytes of a segment it is read from. */
    static final int BYTES = 40;

    private static final int LONG_HEADER = 0x0002;
    private static final int INFO = 2;
    private static final int SYSTEM_ID = 24;
    private static final int SEGMENT_SIZE = 32;

    /** XLOG_PAGE_MAGIC of each release. */
    private static final Map<Integer, String> VERSIONS =
            Map.ofEntries(
                    Map.entry(0xD087, "9.5"),
                    Map.entry(0xD093, "9.6"),
                    Map.entry(0xD097, "10"),
                    Map.entry(0xD098, "11"),
                    Map.entry(0xD101, "12"),
                    Map.entry(0xD106, "13"),
                    Map.entry(0xD10D, "14"),
                    Map.entry(0xD110, "15"),
                    Map.entry(0xD113, "16"),
                    Map.entry(0xD116, "17"),
                    Map.entry(0xD118, "18"));

    /**
     * @param name of the segment, for messages
     * @throws BackupException when it is no first page of a segment
     */
    static WalHeader parse(String name, byte[] start, int length) throws BackupException {
        if (length < BYTES) {
            throw new BackupException(
                    BackrestExit.FORMAT, name + " has only " + length + " bytes of a WAL header");
        }
        ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        int magic = header.getShort(0) & 0xFFFF;
        @Nullable String version = VERSIONS.get(magic);
        if (version == null) {
            throw new BackupException(
                    BackrestExit.VERSION_NOT_SUPPORTED,
                    "%s has WAL magic 0x%04X, which is of no known version".formatted(name, magic),
                    "is it a WAL segment of PostgreSQL 9.5 to 18?");
        }
        if ((header.getShort(INFO) & LONG_HEADER) == 0) {
            throw new BackupException(
                    BackrestExit.FORMAT, name + " does not start with the header of a segment");
        }
        return new WalHeader(
                version,
                Long.toUnsignedString(header.getLong(SYSTEM_ID)),
                header.getInt(SEGMENT_SIZE));
    }

    /**
     * @throws BackupException {@code ARCHIVE_MISMATCH} when it is another cluster's
     */
    void check(String name, DatabaseVersion database, String repository) throws BackupException {
        if (!database.is(systemId, version)) {
            throw new BackupException(
                    BackrestExit.ARCHIVE_MISMATCH,
                    name
                            + " is of version "
                            + version
                            + ", system identifier "
                            + systemId
                            + ", but the archive of "
                            + repository
                            + " is of version "
                            + database.version()
                            + ", system identifier "
                            + database.systemId(),
                    "are you archiving to the right stanza? After pg_upgrade the stanza must be"
                            + " upgraded");
        }
    }
}
