package io.pgnode.backup.core;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The checksum of an info file: SHA-1 over its sections and keys, in their order, as one JSON
 * object of objects, without its own entry.
 */
final class InfoChecksum {
    private final MessageDigest digest = sha1();
    private final ByteBuilder part = new ByteBuilder(512);
    private boolean inSection;
    private boolean hasKeys;

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void section(byte[] bytes, int offset, int length) {
        part.truncate(0);
        part.ascii(inSection ? "},\"" : "{\"").add(bytes, offset, length).ascii("\":{");
        digest.update(part.array(), 0, part.length());
        inSection = true;
        hasKeys = false;
    }

    /** An entry: its key is escaped here, its value is JSON already. */
    void entry(byte[] bytes, int key, int keyLength, int value, int valueLength) {
        part.truncate(0);
        part.ascii(hasKeys ? ",\"" : "\"");
        BackrestJson.writeEscaped(bytes, key, keyLength, part);
        part.ascii("\":").add(bytes, value, valueLength);
        digest.update(part.array(), 0, part.length());
        hasKeys = true;
    }

    Checksum end() {
        part.truncate(0);
        part.ascii(inSection ? "}}" : "{}");
        digest.update(part.array(), 0, part.length());
        return Checksum.of(digest.digest());
    }
}
