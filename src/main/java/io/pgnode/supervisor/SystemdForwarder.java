package io.pgnode.supervisor;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.os.SystemdNotify;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Passes the agent's news on to systemd. Confined to the supervisor's thread. */
final class SystemdForwarder {
    private static final Logger LOG = Logger.getLogger(SystemdForwarder.class);

    private final SystemdNotify systemd;
    private boolean ready;

    SystemdForwarder(SystemdNotify systemd) {
        this.systemd = systemd;
    }

    void forward(GuardMessage message) {
        send(
                () -> {
                    switch (message) {
                        case GuardMessage.Ready _ -> {
                            ready = true;
                            systemd.ready();
                        }
                        case GuardMessage.Watchdog _ -> systemd.watchdog();
                        case GuardMessage.Status(String text) -> systemd.status(text);
                        case GuardMessage.Stopping _ -> systemd.stopping();
                        case GuardMessage.Hello _,
                                GuardMessage.Lead _,
                                GuardMessage.Extend _,
                                GuardMessage.Postmaster _,
                                GuardMessage.Release _ -> {}
                    }
                });
    }

    /** A reload takes no time here: the agent checks first and keeps the old one when in doubt. */
    void reloaded() {
        send(
                () -> {
                    systemd.reloading(TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
                    if (ready) {
                        systemd.ready();
                    }
                });
    }

    void stopping() {
        send(systemd::stopping);
    }

    private interface Message {
        void send() throws IOException;
    }

    private static void send(Message message) {
        try {
            message.send();
        } catch (IOException e) {
            LOG.warnf("systemd not notified: %s", e.getMessage());
        }
    }
}
