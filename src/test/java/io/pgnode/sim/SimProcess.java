package io.pgnode.sim;

import java.util.ArrayList;
import java.util.List;

/** An operating system process: it can be stopped for a while (SIGSTOP) or killed. */
final class SimProcess {
    private enum State {
        RUNNING,
        STALLED,
        DEAD
    }

    private final String name;
    private final List<SimLoop> loops = new ArrayList<>();
    private State state = State.RUNNING;

    SimProcess(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void add(SimLoop loop) {
        loops.add(loop);
    }

    boolean isRunning() {
        return state == State.RUNNING;
    }

    boolean isStalled() {
        return state == State.STALLED;
    }

    boolean isDead() {
        return state == State.DEAD;
    }

    void stall() {
        if (state == State.RUNNING) {
            state = State.STALLED;
        }
    }

    void resume() {
        if (state == State.STALLED) {
            state = State.RUNNING;
            loops.forEach(SimLoop::pump);
        }
    }

    void kill() {
        state = State.DEAD;
    }
}
