package io.pgnode.postgres;

import java.time.Duration;

/** How a start went. */
public sealed interface StartResult {
    /** It accepts connections. */
    record Started(Duration took) implements StartResult {}

    /** It runs and recovers, and did not accept connections within the time given. */
    record StillStarting(String lastLog) implements StartResult {}

    /** It ended, or could not be started; with the reason from its log. */
    record Failed(String why) implements StartResult {}

    default boolean isStarted() {
        return this instanceof Started;
    }
}
