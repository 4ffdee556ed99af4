package io.pgnode.gateway.pooler;

import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a client may do what; zero stands for any time. The texts are PgBouncer's, because
 * people search for them.
 *
 * @param query on a server, without waiting for one
 * @param idleTransaction between two queries of a transaction
 * @param transaction from its first query to its end
 * @param clientIdle outside a transaction
 * @param waitNotice after waiting so long a client is told that it waits
 */
record ClientTimeouts(
        Duration query,
        Duration idleTransaction,
        Duration transaction,
        Duration clientIdle,
        Duration waitNotice) {
    static final ClientTimeouts NONE =
            new ClientTimeouts(
                    Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    boolean isNeeded() {
        return !equals(NONE);
    }

    /** Why the client must go; null when it may stay. */
    @Nullable ErrorMessage verdict(ClientMeter meter, long now) {
        if (isOver(query, meter.queryFor(now))) {
            return ErrorMessage.fatal(SqlState.QUERY_CANCELED, "query_timeout");
        }
        if (isOver(idleTransaction, meter.idleInTransactionFor(now))) {
            return ErrorMessage.fatal(
                    SqlState.IDLE_IN_TRANSACTION_TIMEOUT, "idle_transaction_timeout");
        }
        if (isOver(transaction, meter.transactionFor(now))) {
            return ErrorMessage.fatal(SqlState.TRANSACTION_TIMEOUT, "transaction_timeout");
        }
        if (isOver(clientIdle, meter.idleFor(now))) {
            return ErrorMessage.fatal(SqlState.ADMIN_SHUTDOWN, "client_idle_timeout");
        }
        return null;
    }

    /** Whether the client has waited so long for a server that it should be told. */
    boolean wantsNotice(ClientMeter meter, long now) {
        return isOver(waitNotice, meter.waitsFor(now));
    }

    private static boolean isOver(Duration limit, long nanos) {
        return nanos > 0 && limit.isPositive() && nanos >= limit.toNanos();
    }
}
