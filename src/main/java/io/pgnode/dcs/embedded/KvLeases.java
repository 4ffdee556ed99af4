package io.pgnode.dcs.embedded;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Leases with the keys on them. Times are nanoseconds of one monotonic clock. */
final class KvLeases {
    /**
     * @param ttlNanos granted time to live
     * @param keys keys that vanish with the lease
     */
    record Lease(long id, long ttlNanos, long deadlineNanos, SortedSet<Bytes> keys) {
        private Lease until(long deadline) {
            return new Lease(id, ttlNanos, deadline, keys);
        }
    }

    private final NavigableMap<Long, Lease> leases = new TreeMap<>();

    /** Identifiers already used are not given out again while a client may remember them. */
    private long nextId;

    KvLeases(long firstId) {
        nextId = firstId;
    }

    long nextId() {
        return nextId;
    }

    void nextId(long id) {
        nextId = id;
    }

    long grant(long wantedId, long ttlNanos, long nowNanos) {
        long id = wantedId;
        if (id == 0) {
            do {
                id = nextId;
                nextId = nextId == Long.MAX_VALUE ? 1 : nextId + 1;
            } while (leases.containsKey(id));
        } else if (leases.containsKey(id)) {
            throw new KvException(KvException.Kind.LEASE_EXISTS);
        }
        leases.put(id, new Lease(id, ttlNanos, nowNanos + ttlNanos, new TreeSet<>()));
        return id;
    }

    Lease renew(long id, long nowNanos) {
        Lease lease = alive(id, nowNanos);
        Lease renewed = lease.until(nowNanos + lease.ttlNanos());
        leases.put(id, renewed);
        return renewed;
    }

    void renewAll(long nowNanos) {
        leases.replaceAll((id, lease) -> lease.until(nowNanos + lease.ttlNanos()));
    }

    Lease alive(long id, long nowNanos) {
        Lease lease = leases.get(id);
        if (lease == null || lease.deadlineNanos() - nowNanos <= 0) {
            throw new KvException(KvException.Kind.LEASE_NOT_FOUND);
        }
        return lease;
    }

    boolean exists(long id) {
        return leases.containsKey(id);
    }

    /** Forgets the lease; the caller deletes its keys. */
    Lease remove(long id) {
        Lease lease = leases.remove(id);
        if (lease == null) {
            throw new KvException(KvException.Kind.LEASE_NOT_FOUND);
        }
        return lease;
    }

    void attach(long id, Bytes key) {
        Lease lease = leases.get(id);
        if (lease != null) {
            lease.keys().add(key);
        }
    }

    void detach(long id, Bytes key) {
        Lease lease = leases.get(id);
        if (lease != null) {
            lease.keys().remove(key);
        }
    }

    Collection<Lease> all() {
        return Collections.unmodifiableCollection(leases.values());
    }

    /** The lease that ends first, ties by identifier; null when there is none. */
    @Nullable Lease first() {
        Lease first = null;
        for (Lease lease : leases.values()) {
            if (first == null || lease.deadlineNanos() - first.deadlineNanos() < 0) {
                first = lease;
            }
        }
        return first;
    }
}
