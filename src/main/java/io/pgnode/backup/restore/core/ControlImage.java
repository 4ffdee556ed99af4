package io.pgnode.backup.restore.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The {@code pg_control} of an online backup, as it is restored: without a checkpoint.
 *
 * <p>A server reads the checkpoint from {@code backup_label}. Without that file it would start from
 * the one in pg_control, and silently be damaged: this way it does not start. Stock pgBackRest does
 * the same.
 */
public final class ControlImage {
    private static final int VERSION_AT = 8;
    private static final int CATALOG_AT = 12;
    private static final int CHECKPOINT_AT = 32;

    /** No checkpoint can be there: records begin after a page's header, and are aligned. */
    private static final long NOWHERE = 0xDEAD;

    private ControlImage() {}

    /** What identifies the cluster. */
    public record Identity(String systemId, int catalogVersion) {}

    /** Empty when the checksum is wrong or the layout unknown. */
    public static Optional<Identity> identity(byte[] file) {
        if (!isSound(file)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.nativeOrder());
        return Optional.of(
                new Identity(Long.toUnsignedString(bytes.getLong(0)), bytes.getInt(CATALOG_AT)));
    }

    /** The same file without a checkpoint; a file of unknown layout as it is. */
    public static byte[] withoutCheckpoint(byte[] file) {
        byte[] copy = file.clone();
        if (!isSound(file)) {
            return copy;
        }
        ByteBuffer bytes = ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
        bytes.putLong(CHECKPOINT_AT, NOWHERE);
        int crcAt = crcAt(bytes);
        bytes.putInt(crcAt, crc(copy, crcAt));
        return copy;
    }

    private static boolean isSound(byte[] file) {
        if (file.length < 512) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.nativeOrder());
        int at = crcAt(bytes);
        return at > 0 && bytes.getInt(at) == crc(file, at);
    }

    /** Where the checksum is; zero for a layout that we do not know. */
    private static int crcAt(ByteBuffer bytes) {
        return switch (bytes.getInt(VERSION_AT)) {
            case 1300 -> 288;
            case 1800 -> 292;
            default -> 0;
        };
    }

    private static int crc(byte[] file, int length) {
        CRC32C crc = new CRC32C();
        crc.update(file, 0, length);
        return (int) crc.getValue();
    }
}
