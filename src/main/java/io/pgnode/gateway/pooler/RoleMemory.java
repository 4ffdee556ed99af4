package io.pgnode.gateway.pooler;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What databases answered about roles. An answer is fresh for a few seconds: a storm of logins asks
 * once, and a role that was locked is out soon. It is kept for longer, for the case that nobody can
 * be asked. Bounded; the oldest goes first. Confined to one thread or a lock.
 */
final class RoleMemory {
    /**
     * @param asked name of the pooler's database that was asked
     */
    record Key(String asked, String user) {}

    /**
     * How long answers count.
     *
     * @param known how long a role is remembered
     * @param unknown how long it is remembered that there is none
     * @param kept how long a known role is kept for {@link #old}
     */
    record Times(Duration known, Duration unknown, Duration kept) {}

    private record Entry(LoginRules.Found found, long freshUntil, long keptUntil, long validUntil) {
        Entry forgotten(long now) {
            return new Entry(found, Math.min(freshUntil, now), keptUntil, validUntil);
        }

        LoginRules.Found at(long now) {
            return found instanceof LoginRules.Found.Known known && now - validUntil >= 0
                    ? new LoginRules.Found.Known(
                            new LoginRules.Role(known.role().name(), null, null))
                    : found;
        }
    }

    private final Times times;
    private final int capacity;
    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    RoleMemory(Times times, int capacity) {
        this.times = times;
        this.capacity = capacity;
    }

    /** A fresh answer; null when there is none. */
    LoginRules.@Nullable Found find(Key key, long now) {
        Entry entry = entries.get(key);
        if (entry == null || now - entry.freshUntil() >= 0) {
            return null;
        }
        return entry.at(now);
    }

    /** The last answer, be it not fresh; null when there is none that is kept. */
    LoginRules.@Nullable Found old(Key key, long now) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (now - entry.keptUntil() >= 0) {
            entries.remove(key);
            return null;
        }
        return entry.at(now);
    }

    /** Failures are not remembered. */
    void put(Key key, LoginRules.Found found, long now) {
        switch (found) {
            case LoginRules.Found.Known known -> {
                // A sum beyond the end of the scale would count as past.
                long valid = Math.min(known.validNanos(), Long.MAX_VALUE / 2);
                put(key, found, times.known(), times.kept(), now, now + valid);
            }
            case LoginRules.Found.Unknown _ ->
                    put(key, found, times.unknown(), Duration.ZERO, now, now);
            case LoginRules.Found.Failed _ -> {}
        }
    }

    private void put(
            Key key,
            LoginRules.Found found,
            Duration fresh,
            Duration kept,
            long now,
            long validUntil) {
        long freshUntil = now + fresh.toNanos();
        entries.remove(key);
        entries.put(
                key,
                new Entry(
                        found, freshUntil, Math.max(freshUntil, now + kept.toNanos()), validUntil));
        if (entries.size() > capacity) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    /** The answer is not fresh any more. */
    void forget(Key key, long now) {
        entries.computeIfPresent(key, (_, entry) -> entry.forgotten(now));
    }

    int size() {
        return entries.size();
    }
}
