package io.pgnode.os;

/** Receives signals instead of dying of them. */
public final class SignalHandler {
    private SignalHandler() {}

    /**
     * Runs {@code action} on a new thread each time the signal comes, from now on and in place of
     * whatever it did before. QUIT, KILL, STOP and USR1 belong to the runtime or the kernel.
     *
     * @throws IllegalArgumentException for a signal that cannot be received
     */
    public static void on(Signal signal, Runnable action) {
        SunSignals.handle(signal.name(), action);
    }
}
