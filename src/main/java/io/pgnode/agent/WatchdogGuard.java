package io.pgnode.agent;

import io.pgnode.config.HaConfig.WatchdogConfig.Mode;
import io.pgnode.os.WatchdogDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Feeds the hardware watchdog with the lease: armed while we lead, fed by each extension, so that a
 * host whose kernel hangs is reset before its lease ends. Passes everything on to the guard proper.
 * Thread-safe.
 */
final class WatchdogGuard implements Guard {
    private static final Logger LOG = Logger.getLogger(WatchdogGuard.class);

    private final Guard guard;
    private final WatchdogDevice device;
    private final Mode mode;
    private final Supplier<Duration> timeout;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean failed;
    private boolean warned;
    private Duration armed = Duration.ZERO;

    /**
     * @param timeout from feeding to reset: the lease less the safety margin, in whole seconds;
     *     asked each time, because the lease may be changed while it is held
     */
    WatchdogGuard(Guard guard, WatchdogDevice device, Mode mode, Supplier<Duration> timeout) {
        this.guard = guard;
        this.device = device;
        this.mode = mode;
        this.timeout = timeout;
    }

    /** Whether a watchdog is required and cannot be armed: this member must not lead. */
    boolean hasFailed() {
        return failed;
    }

    /** With a required watchdog: tries it once, before anybody relies on it. */
    void tryOut() {
        if (mode == Mode.REQUIRED) {
            onDevice("try out", () -> arm());
            if (!failed) {
                onDevice("disarm", device::disarm);
            }
        }
    }

    @Override
    public void lead(long epoch, long deadlineNanos) {
        guard.lead(epoch, deadlineNanos);
        onDevice("arm", () -> arm());
    }

    @Override
    public void extend(long epoch, long deadlineNanos) {
        guard.extend(epoch, deadlineNanos);
        onDevice(
                "feed",
                () -> {
                    if (!device.isArmed()) {
                        return;
                    }
                    if (timeout.get().equals(armed)) {
                        device.feed();
                    } else {
                        arm();
                    }
                });
    }

    @Override
    public void release(long epoch) {
        guard.release(epoch);
        onDevice("disarm", device::disarm);
    }

    private void arm() throws IOException {
        Duration wanted = timeout.get();
        Duration real = device.arm(wanted);
        if (real.compareTo(wanted) > 0) {
            device.disarm();
            throw new IOException(
                    "its shortest time is "
                            + real.toSeconds()
                            + " s, more than "
                            + wanted.toSeconds());
        }
        armed = wanted;
        failed = false;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void onDevice(String what, Step step) {
        if (mode == Mode.OFF) {
            return;
        }
        lock.lock();
        try {
            step.run();
        } catch (IOException e) {
            failed = mode == Mode.REQUIRED;
            if (!warned || failed) {
                warned = true;
                LOG.warnf(
                        "cannot %s the watchdog: %s%s",
                        what, e.getMessage(), failed ? "; it is required" : "");
            }
        } finally {
            lock.unlock();
        }
    }
}
