package io.pgnode.sim;

import io.pgnode.agent.Guard;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The supervisor's guard: kills the instance at the last deadline it was told. Lives as long as the
 * supervisor, so longer than an agent.
 */
final class FakeGuard {
    private static final long MILLI = 1_000_000L;

    private final World world;
    private final SimClock clock;
    private final SimInstance instance;
    private LongConsumer onFenced = epoch -> {};
    private @Nullable Pipe pipe;
    private boolean dead;
    private boolean armed;
    private long epoch;
    private long deadlineNanos;
    private long version;

    FakeGuard(World world, SimClock clock, SimInstance instance) {
        this.world = world;
        this.clock = clock;
        this.instance = instance;
    }

    /** What an agent process holds of the guard: a pipe, opened anew to a new supervisor. */
    Guard pipeOf(SimProcess agent) {
        Pipe opened = new Pipe(agent);
        pipe = opened;
        return opened;
    }

    private final class Pipe implements Guard {
        private final SimProcess agent;
        private long ledEpoch;
        private long ledDeadline;

        Pipe(SimProcess agent) {
            this.agent = agent;
        }

        @Override
        public void lead(long newEpoch, long deadline) {
            ledEpoch = newEpoch;
            ledDeadline = deadline;
            send(() -> arm(newEpoch, deadline));
        }

        @Override
        public void extend(long sameEpoch, long deadline) {
            if (ledEpoch == sameEpoch) {
                ledDeadline = deadline;
            }
            send(
                    () -> {
                        if (armed && epoch == sameEpoch) {
                            arm(sameEpoch, deadline);
                        }
                    });
        }

        @Override
        public void release(long endedEpoch) {
            if (ledEpoch == endedEpoch) {
                ledEpoch = 0;
            }
            send(
                    () -> {
                        if (epoch == endedEpoch) {
                            disarm();
                        }
                    });
        }

        private void reconnect() {
            if (ledEpoch != 0 && agent.isRunning()) {
                lead(ledEpoch, ledDeadline);
            }
        }

        private void send(Runnable message) {
            world.after(
                    world.between(agent.name() + " pipe", 10_000, MILLI),
                    instance.host(),
                    () -> {
                        if (!dead) {
                            message.run();
                        }
                    });
        }
    }

    void onFenced(LongConsumer listener) {
        onFenced = listener;
    }

    boolean isDead() {
        return dead;
    }

    /** The supervisor dies, and everything it knew with it. */
    void kill() {
        dead = true;
        disarm();
    }

    void revive() {
        if (dead) {
            dead = false;
            if (pipe != null) {
                pipe.reconnect();
            }
        }
    }

    boolean isArmed() {
        return armed;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    private void disarm() {
        armed = false;
        version++;
    }

    private void arm(long newEpoch, long deadline) {
        armed = true;
        epoch = newEpoch;
        deadlineNanos = deadline;
        long mine = ++version;
        world.after(
                clock.trueDelay(deadline - clock.nanos()),
                instance.host(),
                () -> {
                    if (mine == version) {
                        fence();
                    }
                });
    }

    private void fence() {
        disarm();
        world.trace("guard: deadline of epoch " + epoch + " passed, killing the instance");
        long fenced = epoch;
        world.after(
                world.between(instance.host() + " guard", MILLI / 10, 20 * MILLI),
                instance.host(),
                () -> {
                    instance.crash(false);
                    onFenced.accept(fenced);
                });
    }
}
