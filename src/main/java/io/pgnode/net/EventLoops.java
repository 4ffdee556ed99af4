package io.pgnode.net;

import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The numbered event loops of the data path: one thread each, one a core. Thread-safe. */
public final class EventLoops implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int ALL = 100;

    private final EpollEventLoopGroup group;
    private final List<EventLoop> loops = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();
    private final Listeners listeners;

    /**
     * @param count at least 1
     */
    public EventLoops(String name, int count) {
        this(name, count, new Listeners());
    }

    /**
     * Loops beside others of the same process.
     *
     * @param listeners of them all
     */
    public EventLoops(String name, int count, Listeners listeners) {
        this.listeners = listeners;
        group = new EpollEventLoopGroup(count, new LoopThread.Factory(name));
        group.setIoRatio(ALL); // tasks are few and short: no look at the clock to ration them
        for (EventExecutor executor : group) {
            loops.add((EventLoop) executor);
        }
    }

    /** What is listened on with these loops. */
    public Listeners listeners() {
        return listeners;
    }

    /**
     * How many a node should have: half of its cores, for PostgreSQL needs the others, and a loop
     * that has more to do sleeps and wakes less often, which is most of what a query costs.
     */
    public static int usual(int processors) {
        return Math.max(1, processors / 2);
    }

    public int count() {
        return loops.size();
    }

    /**
     * @param number from zero
     */
    public EventLoop loop(int number) {
        return loops.get(number);
    }

    /** The number of the loop that runs this thread's caller; -1 for any other thread. */
    public int current() {
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).inEventLoop()) {
                return i;
            }
        }
        return -1;
    }

    /** A loop for a new connection, in turn. */
    public int take() {
        return Math.floorMod(next.getAndIncrement(), loops.size());
    }

    @Override
    public void close() {
        var _ =
                group.shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .awaitUninterruptibly(PATIENCE.toMillis());
    }
}
