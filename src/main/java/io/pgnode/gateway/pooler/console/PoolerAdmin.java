package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.core.LatencyHistogram;
import io.pgnode.gateway.pooler.core.PoolTotals;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the console asks the pooler, and has it do. Thread-safe; never blocks for longer than it
 * takes to walk over the pools. A database of null means all of them.
 */
public interface PoolerAdmin {
    /** The console's own database, which no other can be named like. */
    String CONSOLE = "pgbouncer";

    /** Name of a database and its averages over the last whole period. */
    record Averages(String database, PoolTotals averages) {}

    /** The parts of the times that queries of a pool took. */
    record Latencies(
            String database,
            String user,
            LatencyHistogram queue,
            LatencyHistogram link,
            LatencyHistogram server,
            LatencyHistogram write) {}

    /** Sizes of what the pooler keeps in memory. */
    record Memory(String name, int size, int used, int free, long total) {}

    List<DatabaseView> databases();

    List<UserView> users();

    List<PoolView> pools();

    /** In the order of pools. */
    List<Latencies> latencies();

    /** In the order of {@link #databases}. */
    List<Averages> averages();

    /** Of all databases together. */
    PoolTotals averagesOfAll();

    /** Collected on the event loops, so it takes a moment. */
    CompletableFuture<List<SocketView>> sockets();

    List<Memory> memory();

    /** Clients whose login is not done. */
    int loginClients();

    /** Logged-in clients, of the console, too. */
    int clients();

    /** Most clients there may be. */
    int maxClients();

    /** Whether the database exists, be it by the template only. */
    boolean knows(String database);

    boolean isPaused(@Nullable String database);

    /** Gives no server to anybody any more. */
    void pause(@Nullable String database);

    /** Closes servers that nobody uses; true when no server is left. */
    boolean isReleased(@Nullable String database);

    void resume(@Nullable String database);

    /** How far the holds of each scope are. */
    List<HoldView> holds();

    /**
     * Lets no further transaction of a scope begin.
     *
     * @param scope primary or local
     * @return done once none does; null when there is no such scope
     */
    @Nullable CompletableFuture<?> hold(String scope, Duration limit);

    /** Ends what {@link #hold} began; false when there is no such scope. */
    boolean release(String scope);

    /** Whether new logins are refused. */
    void disable(String database, boolean isDisabled);

    /** Closes all servers as they are released. */
    void reconnect(@Nullable String database);

    /** Whether any server waits for its release to be closed. */
    boolean isClosing(@Nullable String database);

    /** Pauses, and drops all clients and servers. */
    void kill(@Nullable String database);

    /** False when there is no such client. */
    boolean killClient(long id);

    /** Takes no new clients, for good; admins may come on unix sockets until the end. */
    void refuseClients();

    /** Whether any client is there or logging in; those of the console do not count. */
    boolean hasClients();

    /** Disconnects the clients that wait for a server: the pooler ends before they get one. */
    void dropWaiting();
}
