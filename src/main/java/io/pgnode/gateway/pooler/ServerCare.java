package io.pgnode.gateway.pooler;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How servers are kept fit.
 *
 * @param resetQuery what makes a session as new; empty for none
 * @param isResetAlways not only after a session, but after each transaction
 * @param checkQuery shows whether a server that was idle for long is still there; null for none
 * @param checkDelay what counts as long
 * @param isClosedFast sessions whose server is to be closed are ended at their next boundary
 * @param cancelWait how long a cancel request may take, and a query that is cancelled; zero for
 *     ever
 * @param pools when pools that nobody uses are forgotten
 */
record ServerCare(
        String resetQuery,
        boolean isResetAlways,
        @Nullable String checkQuery,
        Duration checkDelay,
        boolean isClosedFast,
        Duration cancelWait,
        PoolLife pools) {
    /** As PgBouncer writes an empty check query; an empty text is no check. */
    private static final String EMPTY = "<empty>";

    static ServerCare resetBy(String resetQuery) {
        return new ServerCare(
                resetQuery,
                false,
                "",
                Duration.ofSeconds(30),
                false,
                Duration.ofSeconds(10),
                PoolLife.ENDLESS);
    }

    /** The check query as a file says it. */
    static @Nullable String checkQuery(String written) {
        if (written.isEmpty()) {
            return null;
        }
        return written.equals(EMPTY) ? "" : written;
    }

    /** The query that checks a server which was idle for so long; null when none is needed. */
    @Nullable String checkAfter(long idleNanos) {
        return checkQuery != null && idleNanos > 0 && idleNanos >= checkDelay.toNanos()
                ? checkQuery
                : null;
    }
}
