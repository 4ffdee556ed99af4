package io.pgnode.postgres;

/** How a server is asked to stop, in rising severity. */
public enum StopMode {
    /** Waits for clients to leave (SIGTERM). */
    SMART,
    /** Ends sessions, writes a shutdown checkpoint, waits for standbys to receive it (SIGINT). */
    FAST,
    /** Ends at once; the next start recovers from the WAL (SIGQUIT). */
    IMMEDIATE
}
