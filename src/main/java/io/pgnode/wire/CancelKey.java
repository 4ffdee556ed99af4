package io.pgnode.wire;

/**
 * What a client needs to cancel its query on a second connection: BackendKeyData of protocol 3.0.
 *
 * @param processId the first four bytes
 * @param secret the others
 */
public record CancelKey(int processId, int secret) {
    /** Both as one number, for a table of keys. */
    public long packed() {
        return (long) processId << 32 | secret & 0xFFFF_FFFFL;
    }

    public static CancelKey of(long packed) {
        return new CancelKey((int) (packed >>> 32), (int) packed);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "CancelKey[" + processId + "]";
    }
}
