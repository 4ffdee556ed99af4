package io.pgnode.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/** Ends what a test started, last first, when the test closes it or else when the JVM exits. */
public final class Reaper implements AutoCloseable {
    /** One thing to undo. */
    @FunctionalInterface
    public interface Ending {
        void run() throws Exception;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Ending> endings = new ArrayDeque<>();
    private final Thread hook = new Thread(this::runEndings, "reaper");

    /** Starts watching for the end of the JVM. */
    public Reaper() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Runs this before what was registered earlier. */
    public void atEnd(Ending ending) {
        lock.lock();
        try {
            endings.push(ending);
        } finally {
            lock.unlock();
        }
    }

    /** Leaves everything as it is, for somebody who wants to look at it. */
    public void forget() {
        lock.lock();
        try {
            endings.clear();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        runEndings();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is exiting, and the hook has run or runs.
        }
    }

    private void runEndings() {
        lock.lock();
        try {
            while (!endings.isEmpty()) {
                try {
                    endings.pop().run();
                } catch (Exception | AssertionError e) {
                    System.err.println("cleaning up after a test failed: " + e);
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
