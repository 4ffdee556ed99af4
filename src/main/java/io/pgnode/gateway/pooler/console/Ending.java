package io.pgnode.gateway.pooler.console;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** How the pooler ends, whoever asks for it: the console or a signal. Thread-safe. */
public final class Ending {
    private static final Logger LOG = Logger.getLogger(Ending.class);
    private static final long LOOK_MILLIS = 50;

    private final PoolerAdmin admin;
    private final Runnable exit;
    private final Executor blocking;
    private final AtomicReference<@Nullable Shutdown> how = new AtomicReference<>();

    /**
     * @param exit ends the process
     * @param blocking runs what waits; a thread is kept busy until the end
     */
    public Ending(PoolerAdmin admin, Runnable exit, Executor blocking) {
        this.admin = admin;
        this.exit = exit;
        this.blocking = blocking;
    }

    /** Whether somebody has asked for the end; it may be far away. */
    public boolean hasBegun() {
        return how.get() != null;
    }

    /** Refuses new clients, waits for what {@code wanted} says, and exits. The last word counts. */
    public void begin(Shutdown wanted) {
        boolean isFirst = how.getAndSet(wanted) == null;
        if (wanted == Shutdown.NOW) {
            blocking.execute(exit);
            return;
        }
        admin.refuseClients();
        if (wanted == Shutdown.WAIT_FOR_SERVERS && !admin.isPaused(null)) {
            admin.pause(null);
        }
        if (isFirst) {
            blocking.execute(this::await);
        }
    }

    /** The listeners have another owner: ends when the clients that we have are gone. */
    public void outlived() {
        if (how.compareAndSet(null, Shutdown.WAIT_FOR_CLIENTS)) {
            blocking.execute(this::await);
        }
    }

    private void await() {
        while (!isDone()) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        exit.run();
    }

    private boolean isDone() {
        Shutdown now = how.get();
        return switch (now) {
            case null -> false;
            case NOW -> true;
            case WAIT_FOR_SERVERS -> {
                admin.dropWaiting();
                yield admin.isReleased(null) && said("server connections dropped, exiting");
            }
            case WAIT_FOR_CLIENTS ->
                    !admin.hasClients() && said("client connections dropped, exiting");
        };
    }

    private static boolean said(String message) {
        LOG.infof("%s", message);
        return true;
    }
}
