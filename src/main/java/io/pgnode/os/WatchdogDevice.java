package io.pgnode.os;

import java.io.IOException;
import java.time.Duration;

/**
 * A timer in hardware that resets the host unless it is fed: the last resort when the kernel itself
 * hangs. Used by one thread.
 */
public interface WatchdogDevice extends AutoCloseable {
    /**
     * Starts the timer; when it is running already, sets its time.
     *
     * @param timeout whole seconds, at least 1
     * @return the time that the device really uses, which may be longer
     * @throws IOException when there is no device, it is in use, or it cannot be set so short
     */
    Duration arm(Duration timeout) throws IOException;

    /** Starts the time anew. */
    void feed() throws IOException;

    /** Stops the timer. Does nothing when it is not armed. */
    void disarm() throws IOException;

    boolean isArmed();

    @Override
    default void close() throws IOException {
        disarm();
    }
}
