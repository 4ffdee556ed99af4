package io.pgnode.backup.storage;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** The digests that S3 asks for. */
final class Digests {
    private Digests() {}

    static byte[] sha256(byte[] bytes) {
        return sha256(bytes, bytes.length);
    }

    /**
     * @param length of the bytes at the start of the array
     */
    static byte[] sha256(byte[] bytes, int length) {
        return digest("SHA-256", bytes, length);
    }

    static byte[] md5(byte[] bytes) {
        return digest("MD5", bytes, bytes.length);
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    static String base64(byte[] digest) {
        return Base64.getEncoder().encodeToString(digest);
    }

    private static byte[] digest(String name, byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance(name);
            digest.update(bytes, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + name, e);
        }
    }
}
