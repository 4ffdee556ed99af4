package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The kernel's watchdog interface, {@code /dev/watchdog}.
 *
 * <p>Opening the device starts the timer, closing it after a {@code V} stops it. A process that
 * dies does not write the {@code V}, so the host is reset, which is what the device is for. A
 * driver with "nowayout" cannot be stopped.
 */
public final class LinuxWatchdog implements WatchdogDevice {
    private static final int CLOSED = -1;

    /** _IOWR('W', 6, int): sets the timeout in seconds, returns what the driver took. */
    static final long SET_TIMEOUT = 0xC0045706L;

    /** _IOR('W', 7, int): the timeout in seconds. */
    static final long GET_TIMEOUT = 0x80045707L;

    /** Takes one int there and back; so that tests need no device. */
    interface IoControl {
        int call(int fd, long request, int argument) throws IOException;
    }

    private final Path device;
    private final IoControl control;
    private int fd = CLOSED;

    public LinuxWatchdog(Path device) {
        this(device, FileCalls::ioctl);
    }

    LinuxWatchdog(Path device, IoControl control) {
        this.device = device;
        this.control = control;
    }

    @Override
    public Duration arm(Duration timeout) throws IOException {
        int wanted = (int) timeout.toSeconds();
        if (wanted < 1) {
            throw new IllegalArgumentException("timeout must be at least 1 s, was " + timeout);
        }
        boolean opened = fd == CLOSED;
        if (opened) {
            fd = FileCalls.open(device, FileCalls.O_WRONLY, 0);
        }
        try {
            return Duration.ofSeconds(setTimeout(wanted));
        } catch (IOException e) {
            if (opened) {
                disarm();
            }
            throw e;
        }
    }

    private int setTimeout(int wanted) throws IOException {
        try {
            return control.call(fd, SET_TIMEOUT, wanted);
        } catch (ErrnoException e) {
            // Some drivers have a fixed time; good enough when it is not longer than wanted.
            if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.ENOTTY) {
                throw e;
            }
            int fixed = control.call(fd, GET_TIMEOUT, 0);
            if (fixed > wanted) {
                throw new IOException(
                        device
                                + " has a fixed timeout of "
                                + fixed
                                + " s, wanted at most "
                                + wanted
                                + " s",
                        e);
            }
            return fixed;
        }
    }

    @Override
    public void feed() throws IOException {
        if (fd == CLOSED) {
            throw new IOException(device + " is not armed");
        }
        // Any byte but V feeds every driver.
        FileCalls.write(fd, new byte[] {'\n'});
    }

    @Override
    public void disarm() throws IOException {
        if (fd == CLOSED) {
            return;
        }
        int closing = fd;
        fd = CLOSED;
        try {
            FileCalls.write(closing, new byte[] {'V'});
        } finally {
            FileCalls.close(closing);
        }
    }

    @Override
    public boolean isArmed() {
        return fd != CLOSED;
    }
}
