package io.pgnode.gateway.pooler;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;

/** Randomness for logins and cancel keys. Thread-safe. */
final class Secrets {
    private static final int NONCE_BYTES = 18;

    private final SecureRandom random;

    /**
     * Fetched together, for a fetch costs as much as the rest of a login; each is given out once.
     */
    private final byte[] kept = new byte[512];

    private final ReentrantLock lock = new ReentrantLock();
    private int used = kept.length;

    Secrets(SecureRandom random) {
        this.random = random;
    }

    /** Printable, without commas. */
    String nonce() {
        return Base64.getEncoder().encodeToString(bytes(NONCE_BYTES));
    }

    byte[] bytes(int count) {
        byte[] result = new byte[count];
        lock.lock();
        try {
            for (int i = 0; i < count; i++) {
                if (used == kept.length) {
                    random.nextBytes(kept);
                    used = 0;
                }
                result[i] = kept[used];
                kept[used] = 0;
                used++;
            }
        } finally {
            lock.unlock();
        }
        return result;
    }

    long cancelKey() {
        return ByteBuffer.wrap(bytes(Long.BYTES)).getLong();
    }
}
