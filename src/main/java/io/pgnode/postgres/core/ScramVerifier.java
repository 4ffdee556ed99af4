package io.pgnode.postgres.core;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What PostgreSQL stores of a password: {@code SCRAM-SHA-256$4096:salt$StoredKey:ServerKey}. Sent
 * in place of the password, so that no server log can hold it.
 */
public final class ScramVerifier {
    private static final int ITERATIONS = 4096;
    private static final int KEY_BITS = 256;

    private ScramVerifier() {}

    /**
     * @param salt random bytes, 16 as PostgreSQL uses
     */
    public static String of(String password, byte[] salt) {
        try {
            byte[] salted = salted(password, salt);
            byte[] storedKey =
                    MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
            byte[] serverKey = hmac(salted, "Server Key");
            Base64.Encoder base64 = Base64.getEncoder();
            return "SCRAM-SHA-256$"
                    + ITERATIONS
                    + ":"
                    + base64.encodeToString(salt)
                    + "$"
                    + base64.encodeToString(storedKey)
                    + ":"
                    + base64.encodeToString(serverKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java runtime has no SCRAM-SHA-256", e);
        }
    }

    /** RFC 5802's Hi(); the normal form is that of SASLprep for all but exotic spaces. */
    private static byte[] salted(String password, byte[] salt) throws GeneralSecurityException {
        String normal = Normalizer.normalize(password, Normalizer.Form.NFKC);
        PBEKeySpec spec = new PBEKeySpec(normal.toCharArray(), salt, ITERATIONS, KEY_BITS);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(spec)
                .getEncoded();
    }

    private static byte[] hmac(byte[] key, String message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
    }
}
