package io.pgnode.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, chance, the queue of events and the trace of what happened. One thread.
 *
 * <p>Every source of chance has a name and a generator of its own, so that the order in which two
 * components draw does not matter.
 */
final class World {
    private static final int KEPT_LINES = Integer.getInteger("sim.trace", 60);
    private static final ThreadLocal<@Nullable World> CURRENT = new ThreadLocal<>();

    private record Event(long atNanos, long sequence, String actor, Runnable action) {}

    private final long seed;
    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::sequence));
    private final Map<String, Random> chances = new HashMap<>();
    private final Deque<String> lines = new ArrayDeque<>();
    private final long startNanos = 1_000_000_000_000L;
    private long nowNanos = startNanos;
    private long sequence;
    private long events;
    private long lastId;
    private long traceHash = 17;
    private String actor = "";
    private @Nullable String violation;
    private Runnable afterEach = () -> {};

    World(long seed) {
        this.seed = seed;
    }

    /** The world whose event the calling thread runs; null outside of events. */
    static @Nullable World current() {
        return CURRENT.get();
    }

    long seed() {
        return seed;
    }

    /** True time; nobody in the world but the world itself sees it. */
    long nowNanos() {
        return nowNanos;
    }

    double seconds() {
        return (nowNanos - startNanos) / 1e9;
    }

    long nextId() {
        return ++lastId;
    }

    long eventCount() {
        return events;
    }

    Random chance(String name) {
        return chances.computeIfAbsent(
                name, key -> new Random(seed * 0x9E3779B97F4A7C15L + key.hashCode()));
    }

    /** A duration between the limits, drawn from {@code name}. */
    long between(String name, long minNanos, long maxNanos) {
        return minNanos + (long) (chance(name).nextDouble() * (maxNanos - minNanos));
    }

    void after(long delayNanos, String who, Runnable action) {
        queue.add(new Event(nowNanos + Math.max(0, delayNanos), sequence++, who, action));
    }

    /** Called after every event. */
    void afterEach(Runnable check) {
        afterEach = check;
    }

    /** Runs until nothing is left before {@code nanos} from now, or something was violated. */
    void runFor(long nanos) {
        long end = nowNanos + nanos;
        CURRENT.set(this);
        try {
            while (violation == null && !queue.isEmpty() && queue.element().atNanos() <= end) {
                Event event = queue.remove();
                nowNanos = event.atNanos();
                actor = event.actor();
                events++;
                event.action().run();
                actor = "checker";
                afterEach.run();
            }
        } finally {
            CURRENT.remove();
        }
        if (violation == null) {
            nowNanos = end;
        }
    }

    void trace(String line) {
        String full = "%11.6f %-8s %s".formatted(seconds(), actor, line);
        traceHash = traceHash * 31 + full.hashCode();
        lines.add(full);
        if (lines.size() > KEPT_LINES) {
            lines.remove();
        }
    }

    void violated(String what) {
        if (violation == null) {
            violation = what;
            trace("VIOLATION " + what);
        }
    }

    @Nullable String violation() {
        return violation;
    }

    long traceHash() {
        return traceHash;
    }

    List<String> lastLines() {
        return new ArrayList<>(lines);
    }
}
