package io.pgnode.sim;

import io.pgnode.agent.Loop;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** One thread of a process: tasks in order, none while the process is stalled. */
final class SimLoop implements Loop {
    /** Time between two tasks: a thread has to be woken and gets its share of a core. */
    private static final long MIN_GAP_NANOS = 1_000;

    private static final long MAX_GAP_NANOS = 60_000;

    private final World world;
    private final SimClock clock;
    private final SimProcess process;
    private final String name;
    private final Deque<Runnable> ready = new ArrayDeque<>();
    private boolean pumping;

    SimLoop(World world, SimClock clock, SimProcess process, String name) {
        this.world = world;
        this.clock = clock;
        this.process = process;
        this.name = process.name() + "." + name;
        process.add(this);
    }

    @Override
    public long nanos() {
        return clock.nanos();
    }

    @Override
    public Instant wallClock() {
        return clock.wallClock();
    }

    @Override
    public void execute(Runnable task) {
        ready.add(task);
        pump();
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        boolean[] cancelled = {false};
        Runnable unlessCancelled =
                () -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                };
        world.after(
                clock.trueDelay(delayNanos),
                name,
                () -> {
                    if (!cancelled[0]) {
                        execute(unlessCancelled);
                    }
                });
        return () -> cancelled[0] = true;
    }

    void pump() {
        if (pumping || ready.isEmpty() || !process.isRunning()) {
            return;
        }
        pumping = true;
        world.after(world.between(name, MIN_GAP_NANOS, MAX_GAP_NANOS), name, this::runNext);
    }

    private void runNext() {
        pumping = false;
        if (process.isRunning() && !ready.isEmpty()) {
            ready.remove().run();
            pump();
        }
    }
}
