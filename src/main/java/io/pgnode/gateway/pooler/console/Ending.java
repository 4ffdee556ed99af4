package io.pgnode.gateway.pooler.console;

import java.util.concurrent.Executor;

/** A shutdown that waits, whoever asked for it: the console or a signal. */
public final class Ending {
    private static final long LOOK_MILLIS = 50;

    private Ending() {}

    /**
     * Refuses new clients, waits for what {@code how} says, and then has the setup exit.
     *
     * @param blocking runs this; a thread is kept busy until the end
     */
    public static void begin(
            PoolerAdmin admin, ConsoleSetup setup, Shutdown how, Executor blocking) {
        admin.stopListening();
        if (how == Shutdown.WAIT_FOR_SERVERS && !admin.isPaused(null)) {
            admin.pause(null);
        }
        blocking.execute(
                () -> {
                    while (!isDone(admin, how)) {
                        try {
                            Thread.sleep(LOOK_MILLIS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            return;
                        }
                    }
                    setup.exit();
                });
    }

    private static boolean isDone(PoolerAdmin admin, Shutdown how) {
        return switch (how) {
            case NOW -> true;
            case WAIT_FOR_SERVERS -> admin.isReleased(null);
            case WAIT_FOR_CLIENTS ->
                    admin.pools().stream()
                            .filter(pool -> !pool.database().equals(PoolerAdmin.CONSOLE))
                            .allMatch(pool -> pool.clients() + pool.waiting() == 0);
        };
    }
}
