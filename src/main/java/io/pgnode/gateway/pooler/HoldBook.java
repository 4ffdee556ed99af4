package io.pgnode.gateway.pooler;

import io.pgnode.feed.HoldScope;
import io.pgnode.gateway.pooler.core.Hold;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which holds are in force, and which pools they concern. Pure; confined to its owner's lock. Times
 * are nanoseconds of the pools' clock.
 */
final class HoldBook {
    /** Target of the pools whose servers are those of this node's PostgreSQL. */
    static final String LOCAL = "local";

    /** Target of the pools whose servers are wherever the primary is. */
    static final String PRIMARY = "primary";

    /**
     * A hold of a scope.
     *
     * @param epoch it ends when a primary of a higher one is known
     */
    record Entry(HoldScope scope, String owner, long epoch, Hold hold) {}

    private final Map<HoldScope, Map<String, Entry>> entries = new EnumMap<>(HoldScope.class);
    private boolean isPrimaryHere;
    private long primaryEpoch = Long.MIN_VALUE;

    HoldBook() {
        for (HoldScope scope : HoldScope.values()) {
            entries.put(scope, new LinkedHashMap<>());
        }
    }

    private Map<String, Entry> of(HoldScope scope) {
        return entries.getOrDefault(scope, Map.of());
    }

    /**
     * Enters a hold instead of the former one of its owner.
     *
     * @param until when it is over; {@link Hold#NO_LIMIT} for never
     * @param refusesAfter whether it then refuses clients, rather than end
     * @return false when it is over already: a primary of a higher epoch is known
     */
    boolean put(HoldScope scope, String owner, long epoch, long until, boolean refusesAfter) {
        if (scope == HoldScope.PRIMARY && primaryEpoch > epoch) {
            return false;
        }
        Hold hold = new Hold(nameOf(scope, owner), true, until, refusesAfter);
        of(scope).put(owner, new Entry(scope, owner, epoch, hold));
        return true;
    }

    void remove(HoldScope scope, String owner) {
        of(scope).remove(owner);
    }

    boolean has(HoldScope scope, String owner) {
        return of(scope).containsKey(owner);
    }

    /** Where the primary is; ends the holds of {@link HoldScope#PRIMARY} that waited for it. */
    void primaryIs(long epoch, boolean isHere) {
        isPrimaryHere = isHere;
        primaryEpoch = epoch;
        of(HoldScope.PRIMARY).values().removeIf(entry -> epoch > entry.epoch());
    }

    /** Nobody is known to be primary. */
    void primaryIsUnknown() {
        isPrimaryHere = false;
    }

    /** Forgets what has ended by its limit. */
    void expire(long now) {
        entries.values()
                .forEach(
                        each ->
                                each.values()
                                        .removeIf(
                                                entry ->
                                                        entry.hold().isOver(now)
                                                                && !entry.hold().refusesAfter()));
    }

    /** Whether a hold of this scope concerns pools of that target. */
    boolean concerns(HoldScope scope, String target) {
        return switch (scope) {
            case PRIMARY -> target.equals(PRIMARY);
            case LOCAL -> target.equals(LOCAL) || isPrimaryHere && target.equals(PRIMARY);
        };
    }

    boolean isHeld(HoldScope scope) {
        return !of(scope).isEmpty();
    }

    List<Entry> entries(HoldScope scope) {
        return List.copyOf(of(scope).values());
    }

    /** What a pool of this target is to be held by. */
    List<Hold> holdsOf(String target) {
        List<Hold> holds = new ArrayList<>();
        entries.forEach(
                (scope, known) -> {
                    if (concerns(scope, target)) {
                        known.values().forEach(entry -> holds.add(entry.hold()));
                    }
                });
        return holds;
    }

    /** Whether a pool's hold is one of a book's; others are not to be touched. */
    static boolean isOurs(Hold hold) {
        for (HoldScope scope : HoldScope.values()) {
            if (hold.owner().startsWith(nameOf(scope, ""))) {
                return true;
            }
        }
        return false;
    }

    private static String nameOf(HoldScope scope, String owner) {
        return nameOf(scope) + ":" + owner;
    }

    static String nameOf(HoldScope scope) {
        return scope.name().toLowerCase(Locale.ROOT);
    }

    /** By its name in any case; null when there is none. */
    static @Nullable HoldScope scope(String name) {
        for (HoldScope scope : HoldScope.values()) {
            if (scope.name().equalsIgnoreCase(name)) {
                return scope;
            }
        }
        return null;
    }
}
