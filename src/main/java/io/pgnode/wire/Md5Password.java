package io.pgnode.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** PostgreSQL's md5 logins: {@code md5(md5(password + user) + salt)}. */
public final class Md5Password {
    private static final String PREFIX = "md5";
    private static final int STORED_LENGTH = 35;

    private Md5Password() {}

    /** What PostgreSQL stores: {@code md5} and 32 hexadecimal digits. */
    public static String stored(String user, String password) {
        return PREFIX + Hashes.md5Hex(bytes(password), bytes(user));
    }

    public static boolean isStored(String secret) {
        return secret.length() == STORED_LENGTH
                && secret.startsWith(PREFIX)
                && secret.chars()
                        .skip(3)
                        .allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    /**
     * What a client answers to the salt.
     *
     * @param stored as {@link #stored} gives it
     */
    public static String answer(String stored, byte[] salt) {
        return PREFIX + Hashes.md5Hex(bytes(stored.substring(PREFIX.length())), salt);
    }

    /** Compares in a time that does not depend on where they differ. */
    public static boolean isRight(String stored, byte[] salt, String answer) {
        return MessageDigest.isEqual(bytes(answer(stored, salt)), bytes(answer));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
