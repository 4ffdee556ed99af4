package io.pgnode.wire;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * What PostgreSQL keeps of a password, {@code SCRAM-SHA-256$4096:salt$StoredKey:ServerKey}: enough
 * to verify a login, not enough to make one.
 *
 * @param iterations 1 to {@link #MAX_ITERATIONS}
 * @param storedKey 32 bytes
 * @param serverKey 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // equals and toString treat the arrays themselves
public record ScramSecret(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    /** PostgreSQL's default. */
    public static final int DEFAULT_ITERATIONS = 4096;

    /** More would let a stored secret, or a server, keep us busy for minutes. */
    public static final int MAX_ITERATIONS = 10_000_000;

    private static final String PREFIX = "SCRAM-SHA-256$";
    private static final int MAX_SALT = 1024;

    /** Makes the secret of a password. Takes milliseconds of CPU: not on an event loop. */
    public static ScramSecret of(String password, byte[] salt, int iterations) {
        byte[] salted = salted(password, salt, iterations);
        return new ScramSecret(
                iterations,
                salt,
                Hashes.sha256(Hashes.hmac(salted, "Client Key")),
                Hashes.hmac(salted, "Server Key"));
    }

    /** Empty when the text is no SCRAM secret, or one beyond our limits. */
    public static Optional<ScramSecret> parse(String text) {
        if (!text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String[] parts = text.substring(PREFIX.length()).split("[:$]", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        try {
            int iterations = Integer.parseInt(parts[0]);
            Base64.Decoder base64 = Base64.getDecoder();
            ScramSecret secret =
                    new ScramSecret(
                            iterations,
                            base64.decode(parts[1]),
                            base64.decode(parts[2]),
                            base64.decode(parts[3]));
            return secret.isPlausible() ? Optional.of(secret) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean isPlausible() {
        return iterations >= 1
                && iterations <= MAX_ITERATIONS
                && salt.length > 0
                && salt.length <= MAX_SALT
                && storedKey.length == Hashes.SHA256_BYTES
                && serverKey.length == Hashes.SHA256_BYTES;
    }

    /** As PostgreSQL stores it. */
    public String format() {
        Base64.Encoder base64 = Base64.getEncoder();
        return PREFIX
                + iterations
                + ":"
                + base64.encodeToString(salt)
                + "$"
                + base64.encodeToString(storedKey)
                + ":"
                + base64.encodeToString(serverKey);
    }

    /** RFC 5802's Hi(); the normal form is that of SASLprep for all but exotic spaces. */
    static byte[] salted(String password, byte[] salt, int iterations) {
        String normal = Normalizer.normalize(password, Normalizer.Form.NFKC);
        PBEKeySpec spec =
                new PBEKeySpec(normal.toCharArray(), salt, iterations, Hashes.SHA256_BYTES * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java runtime has no PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScramSecret that
                && iterations == that.iterations
                && Arrays.equals(salt, that.salt)
                && MessageDigest.isEqual(storedKey, that.storedKey)
                && MessageDigest.isEqual(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(salt);
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "ScramSecret[iterations=" + iterations + "]";
    }
}
