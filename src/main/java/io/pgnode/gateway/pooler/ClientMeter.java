package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolCounters;
import io.pgnode.wire.FrontendTag;
import java.util.function.LongSupplier;

/**
 * Measures one client: when its query began, when it got a server, when the answer was complete. A
 * query costs two looks at the clock; a third when it had to wait. Confined to the client's loop.
 */
final class ClientMeter {
    private final long id;
    private final String user;
    private Entrance.Traffic traffic;
    private final LongSupplier clock;
    private PoolCounters counters;

    private long lastRequest;
    private long transactionStart;
    private long queryStart;
    private long waitStart;
    private long linkStart;
    private long blockedSince;
    private long queueNanos;
    private long linkNanos;
    private long writeNanos;
    private long readyAt;
    private long loginAt;
    private boolean inTransaction;
    private boolean inQuery;
    private boolean isMoving;
    private boolean isBlocked;
    private boolean isLinking;
    private boolean isLoggedIn;

    /**
     * @param id unique among all connections
     * @param user who logged in
     * @param traffic of the service that it came to
     * @param clock monotonic, nanoseconds
     */
    ClientMeter(
            long id,
            String user,
            PoolCounters counters,
            Entrance.Traffic traffic,
            LongSupplier clock) {
        this.id = id;
        this.user = user;
        this.counters = counters;
        this.traffic = traffic;
        this.clock = clock;
    }

    long id() {
        return id;
    }

    String user() {
        return user;
    }

    boolean isLoggedIn() {
        return isLoggedIn;
    }

    /** How long ago it logged in, nanoseconds. */
    long age(long now) {
        return Math.max(0, now - loginAt);
    }

    /** When it last asked for something; zero when it never did. */
    long lastRequest() {
        return lastRequest;
    }

    boolean inQuery() {
        return inQuery;
    }

    /** For how long its query has run on a server; zero while none does, or while it waits. */
    long queryFor(long now) {
        return inQuery && waitStart == 0
                ? Math.max(0, now - queryStart - queueNanos - linkNanos)
                : 0;
    }

    /** How long its transaction is open; zero when none is. */
    long transactionFor(long now) {
        return inTransaction && waitStart == 0 ? Math.max(0, now - transactionStart) : 0;
    }

    /** How long an open transaction has been idle; zero when none is. */
    long idleInTransactionFor(long now) {
        return inTransaction && !inQuery ? Math.max(0, now - readyAt) : 0;
    }

    /** How long it has asked for nothing; zero while it does. */
    long idleFor(long now) {
        return inTransaction || inQuery ? 0 : Math.max(0, now - Math.max(readyAt, loginAt));
    }

    /** How long it has waited for a server; zero when it does not. */
    long waitsFor(long now) {
        return waitStart == 0 ? 0 : Math.max(0, now - waitStart);
    }

    void loggedIn() {
        loginAt = clock.getAsLong();
        isLoggedIn = true;
        counters.logins++;
        counters.clients++;
    }

    /** The client gets its servers from another pool from now on. */
    void countIn(PoolCounters other, Entrance.Traffic itsTraffic) {
        traffic = itsTraffic;
        if (isLoggedIn) {
            counters.clients--;
            other.clients++;
        }
        counters = other;
    }

    void left() {
        if (isLoggedIn) {
            isLoggedIn = false;
            counters.clients--;
        }
    }

    // ---------------------------------------------------------------- bytes and messages

    void received(int bytes) {
        counters.received += bytes;
        traffic.received += bytes;
    }

    void sent(int bytes) {
        counters.sent += bytes;
        traffic.sent += bytes;
    }

    void clientParse() {
        counters.clientParses++;
    }

    void serverParse() {
        counters.serverParses++;
    }

    void bind() {
        counters.binds++;
    }

    /** A message of the client; the first one begins a query, and perhaps a transaction. */
    void message(byte tag) {
        if (inQuery || isCopy(tag)) {
            return;
        }
        inQuery = true;
        queryStart = clock.getAsLong();
        lastRequest = queryStart;
        queueNanos = 0;
        linkNanos = 0;
        writeNanos = 0;
        counters.queries++;
        if (!inTransaction) {
            inTransaction = true;
            transactionStart = queryStart;
            counters.transactions++;
        }
    }

    private static boolean isCopy(byte tag) {
        return tag == FrontendTag.COPY_DATA
                || tag == FrontendTag.COPY_DONE
                || tag == FrontendTag.COPY_FAIL;
    }

    // ---------------------------------------------------------------- servers

    /** Its request ended before any server saw it. */
    void gaveUp() {
        waitStart = 0;
        inQuery = false;
        inTransaction = false;
        readyAt = clock.getAsLong();
    }

    /** No server was free, or the one that is has to come over from another loop. */
    void waits(boolean onlyMoves) {
        if (waitStart == 0) {
            waitStart = inQuery ? queryStart : clock.getAsLong();
            isMoving = onlyMoves;
        }
    }

    /**
     * A server is ours.
     *
     * @param settles its settings must be changed before it can work for us
     */
    void linked(boolean settles) {
        counters.assignments++;
        long now = 0;
        if (waitStart != 0) {
            now = clock.getAsLong();
            long waited = now - waitStart;
            waitStart = 0;
            transactionStart = now;
            counters.waitNanos += waited;
            if (isMoving) {
                linkNanos = waited;
            } else {
                queueNanos = waited;
            }
        }
        isLinking = settles;
        linkStart = now == 0 ? queryStart : now;
    }

    /** The server has answered to the change of its settings. */
    void settled() {
        if (isLinking) {
            isLinking = false;
            linkNanos += clock.getAsLong() - linkStart;
        }
    }

    /** The server answered everything. */
    void ready(char status) {
        if (!inQuery) {
            return;
        }
        inQuery = false;
        long now = clock.getAsLong();
        readyAt = now;
        long total = now - queryStart;
        if (isBlocked) {
            writeNanos += now - blockedSince;
            blockedSince = now;
        }
        counters.queryNanos += total - queueNanos;
        counters.queue.record(queueNanos);
        counters.link.record(linkNanos);
        counters.write.record(writeNanos);
        counters.server.record(total - queueNanos - linkNanos - writeNanos);
        if (status == 'I' && inTransaction) {
            inTransaction = false;
            counters.transactionNanos += now - transactionStart;
        }
    }

    /** Whether the client takes what it is sent. */
    void writable(boolean isWritable) {
        if (isWritable != isBlocked) {
            return;
        }
        isBlocked = !isWritable;
        long now = clock.getAsLong();
        if (isBlocked) {
            blockedSince = now;
        } else {
            writeNanos += now - blockedSince;
        }
    }
}
