package io.pgnode.dcs;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A virtual clock with its timers; single-threaded. A small stand-in for the whole simulation. */
final class SimulatedTime implements FakeDcs.Network {
    private record Timer(long atNanos, long sequence, Runnable action) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(
                    Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::sequence));
    private long nowNanos;
    private long sequence;
    private Duration delay = Duration.ofMillis(1);
    private boolean losesRequests;
    private boolean losesReplies;

    long nowNanos() {
        return nowNanos;
    }

    void losesRequests(boolean loses) {
        losesRequests = loses;
    }

    void losesReplies(boolean loses) {
        losesReplies = loses;
    }

    @Override
    public void toServer(String what, Runnable atServer) {
        if (!losesRequests) {
            after(delay, atServer);
        }
    }

    @Override
    public void toClient(String what, Runnable atClient) {
        if (!losesReplies) {
            after(delay, atClient);
        }
    }

    @Override
    public void after(Duration delay, Runnable timer) {
        timers.add(new Timer(nowNanos + delay.toNanos(), sequence++, timer));
    }

    void advance(Duration by) {
        long end = nowNanos + by.toNanos();
        while (!timers.isEmpty() && timers.element().atNanos() <= end) {
            Timer next = timers.remove();
            nowNanos = next.atNanos();
            next.action().run();
        }
        nowNanos = end;
    }
}
