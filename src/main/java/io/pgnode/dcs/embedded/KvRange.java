package io.pgnode.dcs.embedded;

import org.jspecify.annotations.Nullable;

/**
 * A set of neighbouring keys.
 *
 * @param from the first key
 * @param to the first key that does not belong to it; null for no upper bound
 */
public record KvRange(Bytes from, @Nullable Bytes to) {
    public static KvRange key(Bytes key) {
        byte[] next = new byte[key.length() + 1]; // key followed by a zero byte
        System.arraycopy(key.array(), 0, next, 0, key.length());
        return new KvRange(key, Bytes.wrap(next));
    }

    public static KvRange prefix(Bytes prefix) {
        return new KvRange(prefix, prefix.afterPrefix());
    }

    /**
     * By etcd's convention: without a range end one key; with a single zero byte everything from
     * {@code key} on.
     */
    public static KvRange etcd(Bytes key, Bytes rangeEnd) {
        if (rangeEnd.isEmpty()) {
            return key(key);
        }
        boolean open = rangeEnd.length() == 1 && rangeEnd.array()[0] == 0;
        return new KvRange(key, open ? null : rangeEnd);
    }

    public boolean contains(Bytes key) {
        return key.compareTo(from) >= 0 && (to == null || key.compareTo(to) < 0);
    }
}
