package io.pgnode.os;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * A daemon thread that waits at a selector of its own. Others wake it up, and end it; the selector
 * is closed once the thread has ended.
 */
public final class SelectorThread {
    private static final Logger LOG = Logger.getLogger(SelectorThread.class);

    private final Selector selector;
    private final Thread thread;
    private volatile boolean isEnding;

    /**
     * @param work returns soon after {@link #isEnding}
     */
    public SelectorThread(String name, Runnable work) throws IOException {
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(work);
    }

    public void start() {
        thread.start();
    }

    public String name() {
        return thread.getName();
    }

    /** For the thread itself. */
    public Selector selector() {
        return selector;
    }

    /** There is something to do; any thread. */
    public void wakeUp() {
        selector.wakeup();
    }

    public boolean isEnding() {
        return isEnding;
    }

    /**
     * Waits from half the time to all of it, at random, unless woken up. On the thread itself.
     *
     * @param time a few milliseconds or more
     */
    public void pause(Duration time) {
        if (isEnding) {
            return;
        }
        long millis = time.toMillis();
        try {
            selector.select(
                    _ -> {}, millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2) + 1);
        } catch (IOException e) {
            LOG.debugf("pause cut short: thread=%s reason=%s", name(), e.getMessage());
        }
    }

    /**
     * Ends the thread, and waits for that.
     *
     * @return false when the caller was interrupted, and stays so
     */
    public boolean end() {
        isEnding = true;
        selector.wakeup();
        try {
            thread.join();
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException e) {
            LOG.debugf("selector not closed: thread=%s reason=%s", name(), e.getMessage());
        }
        return true;
    }
}
