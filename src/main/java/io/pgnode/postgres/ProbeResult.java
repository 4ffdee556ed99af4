package io.pgnode.postgres;

/** How a server answered a probe. */
public sealed interface ProbeResult {
    /** It answered; {@link PostgresInstance#observe} has the facts. */
    record Answered(boolean inRecovery, int timeline) implements ProbeResult {}

    /** It runs, but is starting, recovering or shutting down. */
    record Starting(String why) implements ProbeResult {}

    /** It runs and refuses our role or password. */
    record Refused(String why) implements ProbeResult {}

    /** Nothing came before the deadline: overloaded, stopped, or stuck in I/O. */
    record TimedOut(String why) implements ProbeResult {}

    /** Nobody listens, or the connection broke. */
    record Unreachable(String why) implements ProbeResult {}

    default boolean isAnswered() {
        return this instanceof Answered;
    }
}
