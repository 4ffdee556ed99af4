package io.pgnode.gateway.pooler;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Client connections, of all, of each database and of each user. Thread-safe. */
final class ClientCounts {
    private final AtomicInteger all = new AtomicInteger();
    private final Map<String, AtomicInteger> byDatabase = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> byUser = new ConcurrentHashMap<>();

    /** A connection came; those that are not logged in count. */
    int arrived() {
        return all.incrementAndGet();
    }

    void left() {
        all.decrementAndGet();
    }

    int all() {
        return all.get();
    }

    int ofDatabase(String name) {
        return count(byDatabase, name);
    }

    int ofUser(String name) {
        return count(byUser, name);
    }

    private static int count(Map<String, AtomicInteger> counts, String name) {
        AtomicInteger count = counts.get(name);
        return count == null ? 0 : count.get();
    }

    /** Counts a login in; false when that would be more than {@code most}, zero being no limit. */
    boolean enterDatabase(String name, int most) {
        return enter(byDatabase, name, most);
    }

    boolean enterUser(String name, int most) {
        return enter(byUser, name, most);
    }

    void leaveDatabase(String name) {
        leave(byDatabase, name);
    }

    void leaveUser(String name) {
        leave(byUser, name);
    }

    private static boolean enter(Map<String, AtomicInteger> counts, String name, int most) {
        boolean[] isIn = {false};
        counts.compute(
                name,
                (_, count) -> {
                    AtomicInteger now = count == null ? new AtomicInteger() : count;
                    if (most == 0 || now.get() < most) {
                        now.incrementAndGet();
                        isIn[0] = true;
                    }
                    return now.get() == 0 ? null : now;
                });
        return isIn[0];
    }

    /** Names without connections are forgotten: anybody may ask for any name. */
    private static void leave(Map<String, AtomicInteger> counts, String name) {
        counts.computeIfPresent(name, (_, count) -> count.decrementAndGet() == 0 ? null : count);
    }
}
