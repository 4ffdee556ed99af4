package io.pgnode.gateway.pooler;

import java.security.SecureRandom;
import java.util.Base64;

/** Randomness for logins and cancel keys. Thread-safe. */
final class Secrets {
    private static final int NONCE_BYTES = 18;

    private final SecureRandom random;

    Secrets(SecureRandom random) {
        this.random = random;
    }

    /** Printable, without commas. */
    String nonce() {
        return Base64.getEncoder().encodeToString(bytes(NONCE_BYTES));
    }

    byte[] bytes(int count) {
        byte[] result = new byte[count];
        random.nextBytes(result);
        return result;
    }

    long cancelKey() {
        return random.nextLong();
    }
}
