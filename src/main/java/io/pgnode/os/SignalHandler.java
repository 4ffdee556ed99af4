package io.pgnode.os;

/** Receives signals instead of dying of them. */
public final class SignalHandler {
    private SignalHandler() {}

    /**
     * Runs {@code action} on a new thread each time the signal comes, from now on and in place of
     * whatever it did before. KILL and STOP belong to the kernel; QUIT belongs to the Java virtual
     * machine, but not to the runtime of a native image.
     *
     * @throws IllegalArgumentException for a signal that cannot be received
     */
    public static void on(Signal signal, Runnable action) {
        SunSignals.handle(signal.name(), action);
    }
}
