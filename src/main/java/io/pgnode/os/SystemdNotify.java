package io.pgnode.os;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells systemd how the service is, by its notification socket (sd_notify(3)).
 *
 * <p>Only the supervisor has the socket: it is the main process of the unit. Without one every call
 * does nothing. Waits at most 0.2 s when systemd has no room for the message. Thread-safe.
 */
public final class SystemdNotify {
    private static final int ATTEMPTS = 20;
    private static final long PAUSE_NANOS = 10_000_000;

    private final @Nullable String address;

    /**
     * @param address value of {@code NOTIFY_SOCKET}: a path, {@code @name} for an abstract socket;
     *     null when not run by systemd
     */
    public SystemdNotify(@Nullable String address) {
        this.address = address == null || address.isEmpty() ? null : address;
    }

    public static SystemdNotify fromEnvironment() {
        return new SystemdNotify(System.getenv("NOTIFY_SOCKET"));
    }

    public boolean isActive() {
        return address != null;
    }

    public void ready() throws IOException {
        send("READY=1");
    }

    /**
     * The configuration is being read again; {@link #ready} ends it.
     *
     * @param monotonicMicros CLOCK_MONOTONIC, which systemd compares with its own
     */
    public void reloading(long monotonicMicros) throws IOException {
        send("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicros);
    }

    public void stopping() throws IOException {
        send("STOPPING=1");
    }

    public void watchdog() throws IOException {
        send("WATCHDOG=1");
    }

    /** One line for {@code systemctl status}. */
    public void status(String text) throws IOException {
        send("STATUS=" + text.replace('\n', ' '));
    }

    public void mainPid(long pid) throws IOException {
        send("MAINPID=" + pid);
    }

    private void send(String message) throws IOException {
        if (address == null) {
            return;
        }
        int fd = SocketCalls.openDatagram();
        try {
            sendPatiently(fd, address, message);
        } finally {
            FileCalls.close(fd);
        }
    }

    private static void sendPatiently(int fd, String address, String message) throws IOException {
        for (int i = 1; ; i++) {
            try {
                SocketCalls.send(fd, address, message);
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EAGAIN || i == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
