package io.pgnode.wire;

import java.util.Arrays;

/**
 * What a completed exchange leaves behind: enough to log in elsewhere as the same role, as long as
 * that server stores the same secret. Never logged.
 *
 * @param clientKey 32 bytes
 * @param serverKey 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // equals and toString treat the arrays themselves
public record ScramKeys(byte[] clientKey, byte[] serverKey) {
    /** Takes milliseconds of CPU: not on an event loop. */
    public static ScramKeys of(String password, byte[] salt, int iterations) {
        byte[] salted = ScramSecret.salted(password, salt, iterations);
        return new ScramKeys(Hashes.hmac(salted, "Client Key"), Hashes.hmac(salted, "Server Key"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScramKeys that
                && Arrays.equals(clientKey, that.clientKey)
                && Arrays.equals(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(clientKey);
    }

    @Override
    public String toString() {
        return "ScramKeys";
    }
}
