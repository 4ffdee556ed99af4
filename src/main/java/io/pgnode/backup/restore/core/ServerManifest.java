package io.pgnode.backup.restore.core;

import io.pgnode.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's own {@code backup_manifest}, by which pg_verifybackup checks a data directory. */
public final class ServerManifest {
    /** Since when the file says the system identifier. */
    private static final int SECOND_FORMAT = 17;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private ServerManifest() {}

    /**
     * A file of it.
     *
     * @param path bytes of its name, relative to the data directory
     * @param size bytes
     * @param crc32c of its content
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record Entry(byte[] path, long size, Instant modified, int crc32c) {}

    /**
     * The WAL that the backup needs.
     *
     * @param start where replay begins
     * @param end where it is consistent
     */
    public record WalRange(int timeline, Lsn start, Lsn end) {}

    /**
     * @param majorVersion of the server
     * @param systemId unsigned decimal
     * @param wal null for a backup of a server that was down
     */
    public static byte[] render(
            int majorVersion, String systemId, Collection<Entry> files, @Nullable WalRange wal) {
        StringBuilder text = new StringBuilder(64 + files.size() * 160);
        boolean isSecond = majorVersion >= SECOND_FORMAT;
        text.append("{ \"PostgreSQL-Backup-Manifest-Version\": ")
                .append(isSecond ? 2 : 1)
                .append(",\n");
        if (isSecond) {
            text.append("\"System-Identifier\": ").append(systemId).append(",\n");
        }
        text.append("\"Files\": [");
        String separator = "\n";
        for (Entry file : files) {
            text.append(separator);
            file(text, file);
            separator = ",\n";
        }
        text.append("\n],\n\"WAL-Ranges\": [\n");
        if (wal != null) {
            text.append("{ \"Timeline\": ")
                    .append(Integer.toUnsignedString(wal.timeline()))
                    .append(", \"Start-LSN\": \"")
                    .append(wal.start())
                    .append("\", \"End-LSN\": \"")
                    .append(wal.end())
                    .append("\" }\n");
        }
        text.append("],\n");
        byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] end =
                ("\"Manifest-Checksum\": \"" + HexFormat.of().formatHex(sha256(body)) + "\"}\n")
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(body.length + end.length).put(body).put(end).array();
    }

    private static void file(StringBuilder text, Entry file) {
        String name = utf8(file.path());
        if (name == null) {
            text.append("{ \"Encoded-Path\": \"")
                    .append(HexFormat.of().formatHex(file.path()))
                    .append('"');
        } else {
            text.append("{ \"Path\": \"");
            escape(text, name);
            text.append('"');
        }
        text.append(", \"Size\": ")
                .append(file.size())
                .append(", \"Last-Modified\": \"")
                .append(TIME.format(file.modified()))
                .append("\", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"")
                .append(crc(file.crc32c()))
                .append("\" }");
    }

    /** In the order of a little-endian machine's memory. */
    private static String crc(int value) {
        return HexFormat.of()
                .formatHex(
                        ByteBuffer.allocate(4)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putInt(value)
                                .array());
    }

    private static @Nullable String utf8(byte[] name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static void escape(StringBuilder text, String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20) {
                text.append("\\u%04x".formatted((int) c));
            } else {
                text.append(c);
            }
        }
    }

    private static byte[] sha256(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
