package io.pgnode.gateway.pooler;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What databases answered about roles, for a few seconds: a storm of logins asks once, and a role
 * that was locked is out soon. Bounded; the oldest goes first. Confined to one thread or a lock.
 */
final class RoleMemory {
    /**
     * @param asked name of the pooler's database that was asked
     */
    record Key(String asked, String user) {}

    private record Entry(LoginRules.Found found, long until) {}

    private final long knownNanos;
    private final long unknownNanos;
    private final int capacity;
    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    /**
     * @param known how long a role is remembered
     * @param unknown how long it is remembered that there is none
     */
    RoleMemory(Duration known, Duration unknown, int capacity) {
        this.knownNanos = known.toNanos();
        this.unknownNanos = unknown.toNanos();
        this.capacity = capacity;
    }

    LoginRules.@Nullable Found find(Key key, long now) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (now - entry.until() >= 0) {
            entries.remove(key);
            return null;
        }
        return entry.found();
    }

    /** Failures are not remembered. */
    void put(Key key, LoginRules.Found found, long now) {
        long life =
                switch (found) {
                    case LoginRules.Found.Known _ -> knownNanos;
                    case LoginRules.Found.Unknown _ -> unknownNanos;
                    case LoginRules.Found.Failed _ -> 0;
                };
        entries.remove(key);
        if (life == 0) {
            return;
        }
        entries.put(key, new Entry(found, now + life));
        if (entries.size() > capacity) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    void forget(Key key) {
        entries.remove(key);
    }

    int size() {
        return entries.size();
    }
}
