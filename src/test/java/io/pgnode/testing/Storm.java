package io.pgnode.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Clients that come, ask something, leave, and come again, each on a thread of its own. */
public final class Storm implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What a client does each time. */
    public interface Visit {
        void run() throws Exception;
    }

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final List<Thread> clients = new ArrayList<>();

    /** One more client. */
    public void add(Object name, Visit visit) {
        clients.add(Thread.ofPlatform().daemon().start(() -> run(name, visit)));
    }

    private void run(Object name, Visit visit) {
        while (!isOver.get()) {
            try {
                visit.run();
                served.incrementAndGet();
            } catch (Exception e) {
                failures.add(name + ": " + e);
            }
        }
    }

    /** Visits that went well so far. */
    public int served() {
        return served.get();
    }

    /** What went wrong so far. */
    public Queue<String> failures() {
        return failures;
    }

    /** Waits for more than so many further visits, or for the first failure. */
    public void awaitMore(int count) {
        awaitMore(count, LIMIT);
    }

    public void awaitMore(int count, Duration limit) {
        int before = served.get();
        Awaitility.await()
                .atMost(limit)
                .until(() -> served.get() > before + count || !failures.isEmpty());
    }

    /** Each client ends the visit that it has begun. */
    public void end() throws InterruptedException {
        isOver.set(true);
        for (Thread client : clients) {
            client.join();
        }
    }

    @Override
    public void close() {
        isOver.set(true);
    }
}
