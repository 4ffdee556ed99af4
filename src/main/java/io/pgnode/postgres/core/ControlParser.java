package io.pgnode.postgres.core;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Reads the binary {@code pg_control} of PostgreSQL 13 to 17 (format 1300) and 18 (format 1800).
 *
 * <p>Offsets are those of the C structure on 64-bit platforms. The two formats differ only after
 * the fields that we use, in where the checksum stands.
 */
public final class ControlParser {
    /** Bytes of the file that may hold data; the rest up to 8 KiB is padding. */
    public static final int USED_BYTES = 512;

    private static final int FORMAT_13 = 1300;
    private static final int FORMAT_18 = 1800;
    private static final int CRC_AT_13 = 288;
    private static final int CRC_AT_18 = 292;

    /** The file cannot be used. */
    public static final class MalformedControlException extends Exception {
        private final boolean isUnknownFormat;

        MalformedControlException(String message, boolean isUnknownFormat) {
            super(message);
            this.isUnknownFormat = isUnknownFormat;
        }

        /** A layout of another PostgreSQL: its own pg_controldata may read it. */
        public boolean isUnknownFormat() {
            return isUnknownFormat;
        }
    }

    private ControlParser() {}

    /** Parses the file's first bytes, after checking its format and its checksum. */
    public static ControlData parse(byte[] file) throws MalformedControlException {
        if (file.length < CRC_AT_18 + 4) {
            throw new MalformedControlException(
                    "pg_control has " + file.length + " bytes, too few", false);
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.nativeOrder());
        int format = bytes.getInt(8);
        int crcAt =
                switch (format) {
                    case FORMAT_13 -> CRC_AT_13;
                    case FORMAT_18 -> CRC_AT_18;
                    default ->
                            throw new MalformedControlException(
                                    "pg_control has format "
                                            + format
                                            + ", known are 1300 (PostgreSQL 13 to 17) and 1800 (18)",
                                    true);
                };
        CRC32C crc = new CRC32C();
        crc.update(file, 0, crcAt);
        if ((int) crc.getValue() != bytes.getInt(crcAt)) {
            throw new MalformedControlException("pg_control has a wrong checksum", false);
        }
        return new ControlData(
                format,
                bytes.getInt(12),
                Long.toUnsignedString(bytes.getLong(0)),
                state(bytes.getInt(16)),
                lsn(bytes, 32),
                lsn(bytes, 40),
                bytes.getInt(48),
                bytes.getInt(52),
                lsn(bytes, 136),
                bytes.getInt(144),
                bytes.getLong(152) != 0,
                bytes.getInt(172),
                bytes.get(176) != 0,
                bytes.getInt(180),
                bytes.getInt(184),
                bytes.getInt(188),
                bytes.getInt(192),
                bytes.getInt(196),
                bytes.get(200) != 0,
                bytes.getInt(224),
                bytes.getInt(228),
                bytes.getInt(252));
    }

    private static Lsn lsn(ByteBuffer bytes, int at) {
        return new Lsn(bytes.getLong(at));
    }

    private static ControlState state(int number) {
        return switch (number) {
            case 0 -> ControlState.STARTING_UP;
            case 1 -> ControlState.SHUT_DOWN;
            case 2 -> ControlState.SHUT_DOWN_IN_RECOVERY;
            case 3 -> ControlState.SHUTTING_DOWN;
            case 4 -> ControlState.IN_CRASH_RECOVERY;
            case 5 -> ControlState.IN_ARCHIVE_RECOVERY;
            case 6 -> ControlState.IN_PRODUCTION;
            default -> ControlState.UNKNOWN;
        };
    }
}
