package io.pgnode.gateway.pooler.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who gets which server: all pools of a gateway. Pure; the caller holds one lock around each call
 * and gives the time, in nanoseconds of any monotonic clock.
 *
 * <p>A server and its client should live on one event loop. So a released server goes to the
 * longest-waiting client of its own loop, unless that would overtake somebody by more than {@link
 * #MAX_OVERTAKEN} places; then it goes to him, and moves.
 *
 * @param <C> a client connection
 * @param <S> a server connection
 */
public final class Pools<C, S> {
    /** Nobody is served after more than so many who came later. */
    public static final int MAX_OVERTAKEN = 64;

    /** Servers of one pool that are being opened at a time. */
    static final int MAX_OPENING_OF_POOL = 4;

    /** Servers that are being opened at a time. */
    static final int MAX_OPENING = 16;

    /** Servers that begin to be opened in one {@link #SLICE}: no herd after a hold. */
    static final int MAX_OPENED_OF_SLICE = 8;

    static final long SLICE = 10_000_000L;

    private static final long MIN_BACKOFF = 20_000_000L;
    private static final long MAX_BACKOFF = 1_000_000_000L;

    /** Of the time that a server was out of reach already, this part until the next attempt. */
    private static final int BACKOFF_PART = 6;

    /** The server is there, and starts or stops: nobody is refused because of that. */
    private static final String CANNOT_CONNECT_NOW = "57P03";

    /** What the caller must do; called during a call, must not call back. */
    public interface Effects<C, S> {
        /** Connect and log in, then {@link Pools#opened} or {@link Pools#openFailed}. */
        void open(PoolServer<S> server);

        /** A waiting client got a server; the two may live on different loops. */
        void assign(PoolServer<S> server, PoolClient<C> client);

        /** Close a server that nobody uses; the pools have forgotten it. */
        void close(PoolServer<S> server, String why);

        /** A waiting client gets no server and does not wait any more. */
        void refuse(PoolClient<C> client, Refusal why);

        /** Call {@link Pools#tick} at this time, as something is due then. */
        void wake(long at);
    }

    private final Effects<C, S> effects;
    private final int loops;
    private final List<Pool<C, S>> pools = new ArrayList<>();
    private long nextTicket;
    private int opening;
    private int waiting;
    private long sliceStart;
    private int openedOfSlice;
    private boolean isWakeDue;
    private long wakeAt;

    /**
     * @param loops number of event loops
     */
    public Pools(int loops, Effects<C, S> effects) {
        this.loops = loops;
        this.effects = effects;
    }

    /** A view of all pools. */
    public List<Pool<C, S>> all() {
        return List.copyOf(pools);
    }

    /** Adds a pool. */
    public Pool<C, S> add(PoolKey key, PoolSettings settings, List<Scope> scopes) {
        Pool<C, S> pool = new Pool<>(key, settings, scopes, loops);
        pools.add(pool);
        return pool;
    }

    /** Refuses its waiters, closes its idle servers, and the others as they are released. */
    public void remove(Pool<C, S> pool, long now) {
        pool.isRemoved = true;
        refuseAll(pool, new Refusal.Removed());
        doom(server -> server.pool == pool, "pool removed", now);
        forgetWhenEmpty(pool);
    }

    private void forgetWhenEmpty(Pool<?, ?> pool) {
        if (pool.isRemoved && pool.total() == 0) {
            pools.removeIf(known -> known == pool);
        }
    }

    /** New sizes and times; servers beyond a smaller size are closed as they are released. */
    public void configure(Pool<C, S> pool, PoolSettings settings, long now) {
        pool.settings = settings;
        openWhereNeeded(now);
    }

    // ---------------------------------------------------------------- clients

    /** What the next client that must wait gets; all who wait now have lower ones. */
    public long ticket() {
        return nextTicket;
    }

    /**
     * Gives a client a server at once, or lets it wait and returns null.
     *
     * @param settings a number that is equal for equal session settings: a server with the same one
     *     is preferred
     */
    public @Nullable PoolServer<S> acquire(
            Pool<C, S> pool, PoolClient<C> client, int settings, long now) {
        if (client.waitsFor != null) {
            throw new IllegalStateException("a client waits already");
        }
        client.settings = settings;
        if (isServing(pool) && pool.waitingCount == 0 && pool.idleCount > 0) {
            PoolServer<S> server = idleFor(pool, client.loop, settings);
            takeIdle(server);
            activate(server, client);
            server.idledFor = now - server.idleSince;
            return server;
        }
        client.waitsFor = pool;
        client.ticket = nextTicket++;
        client.since = now;
        pool.waiting.get(client.loop).add(client);
        pool.waitingCount++;
        waiting++;
        if (pool.isRemoved) {
            stopWaiting(client);
            effects.refuse(client, new Refusal.Removed());
            return null;
        }
        if (pool.isRefusing(now)) {
            refuseAll(pool, new Refusal.HeldTooLong(pool.holds.getFirst().owner()));
            return null;
        }
        refuseIfUnreachable(pool, now);
        open(pool, now);
        return null;
    }

    /** Whether servers are given out at all. */
    private static boolean isServing(Pool<?, ?> pool) {
        return pool.holds.isEmpty() && pool.isRouted;
    }

    private PoolServer<S> idleFor(Pool<C, S> pool, int loop, int settings) {
        PoolServer<S> local = pool.idle.get(loop).best(settings);
        if (local != null) {
            return local;
        }
        PoolServer<S> other = null;
        for (int i = 0; i < loops; i++) {
            PoolServer<S> candidate = pool.idle.get(i).best(settings);
            if (candidate != null && (other == null || candidate.settings == settings)) {
                other = candidate;
            }
        }
        if (other == null) {
            throw new IllegalStateException("the pool has no idle server");
        }
        return other;
    }

    /** The client does not want a server any more; false when it was not waiting. */
    public boolean stopWaiting(PoolClient<C> client) {
        Pool<C, ?> pool = client.waitsFor;
        if (pool == null) {
            return false;
        }
        pool.waiting.get(client.loop).remove(client);
        pool.waitingCount--;
        waiting--;
        client.waitsFor = null;
        return true;
    }

    // ---------------------------------------------------------------- servers

    /** A new server is logged in. */
    public void opened(PoolServer<S> server, int settings, long now) {
        Pool<C, S> pool = poolOf(server);
        require(server, PoolServer.State.OPENING);
        opening--;
        pool.opening--;
        reachable(pool, now);
        for (Pool<C, S> other : pools) {
            if (other.lastFailure != null && other.key().target().equals(pool.key().target())) {
                other.retryAt = now;
            }
        }
        server.settings = settings;
        serve(pool, server, now);
        openWhereNeeded(now);
    }

    private static void reachable(Pool<?, ?> pool, long now) {
        pool.lastFailure = null;
        pool.isStarting = false;
        pool.retryAt = now;
    }

    /**
     * A server could not be opened.
     *
     * @param isFinal trying again is of no use: those who wait are refused
     * @param jitter of 0.5 to 1, so that nodes do not try in step
     */
    public void openFailed(
            PoolServer<S> server,
            String sqlState,
            String message,
            boolean isFinal,
            double jitter,
            long now) {
        Pool<C, S> pool = poolOf(server);
        require(server, PoolServer.State.OPENING);
        opening--;
        pool.opening--;
        gone(server);
        if (pool.lastFailure == null) {
            pool.failingSince = now;
            pool.unreachableSince = now;
        }
        boolean isStarting = sqlState.equals(CANNOT_CONNECT_NOW);
        if (isStarting || pool.isStarting) {
            pool.unreachableSince = now;
        }
        pool.isStarting = isStarting;
        pool.lastFailure = message;
        long backoff =
                Math.clamp((now - pool.failingSince) / BACKOFF_PART, MIN_BACKOFF, MAX_BACKOFF);
        pool.retryAt = now + (long) (backoff * jitter);
        if (isFinal && isServing(pool)) {
            refuseAll(pool, new Refusal.Rejected(sqlState, message));
        }
        refuseIfUnreachable(pool, now);
        forgetWhenEmpty(pool);
        openWhereNeeded(now);
    }

    /**
     * A client is done with its server, which is clean: not in a transaction, no reply outstanding.
     *
     * @param settings of the server's session now
     */
    public void release(PoolServer<S> server, int settings, long now) {
        require(server, PoolServer.State.ACTIVE);
        Pool<C, S> pool = poolOf(server);
        resumeUse(server);
        pool.active--;
        server.settings = settings;
        serve(pool, server, now);
        if (waiting > 0) {
            openWhereNeeded(now);
        }
    }

    /** A server is gone, or its user closed it, whatever it was doing. */
    public void lost(PoolServer<S> server, long now) {
        Pool<C, S> pool = poolOf(server);
        switch (server.state) {
            case OPENING -> {
                opening--;
                pool.opening--;
            }
            case ACTIVE -> {
                resumeUse(server);
                pool.active--;
            }
            case IDLE -> takeIdle(server);
            case CLOSED -> {
                return;
            }
        }
        gone(server);
        forgetWhenEmpty(pool);
        openWhereNeeded(now);
    }

    /** Closes the idle ones of these servers now, and the others when they are released. */
    public void doom(Predicate<PoolServer<S>> which, String why, long now) {
        for (Pool<C, S> pool : List.copyOf(pools)) {
            for (IdleStack<S> stack : pool.idle) {
                PoolServer<S> server = stack.oldest();
                while (server != null) {
                    PoolServer<S> next = server.newer;
                    if (which.test(server)) {
                        closeIdle(server, why);
                    }
                    server = next;
                }
            }
            forgetWhenEmpty(pool);
        }
        openWhereNeeded(now);
    }

    /** Its client is between two transactions, and a hold keeps it there. */
    public void rest(PoolServer<S> server) {
        if (server.state == PoolServer.State.ACTIVE && !server.isResting) {
            server.isResting = true;
            poolOf(server).resting++;
        }
    }

    /** Its client goes on. */
    public void resumeUse(PoolServer<S> server) {
        if (server.isResting) {
            server.isResting = false;
            poolOf(server).resting--;
        }
    }

    /** Closes this server when its client releases it. */
    public void doomActive(PoolServer<S> server) {
        server.isDoomed = true;
    }

    private void serve(Pool<C, S> pool, PoolServer<S> server, long now) {
        if (server.isDoomed() || pool.isRemoved || isSurplus(pool)) {
            gone(server);
            effects.close(server, server.isDoomed() ? "close_needed" : "pool too large");
            forgetWhenEmpty(pool);
            return;
        }
        if (pool.closesIdle()) {
            gone(server);
            effects.close(server, "hold");
            return;
        }
        PoolClient<C> client = isServing(pool) ? nextClient(pool, server.loop) : null;
        if (client == null) {
            server.state = PoolServer.State.IDLE;
            server.idleSince = now;
            pool.idle.get(server.loop).push(server);
            pool.idleCount++;
            return;
        }
        stopWaiting(client);
        activate(server, client);
        effects.assign(server, client);
    }

    /** Room for the servers in use, this one not counted, is used up. */
    private static boolean isSurplus(Pool<?, ?> pool) {
        return pool.total() >= pool.settings.size() + pool.settings.reserve();
    }

    private @Nullable PoolClient<C> nextClient(Pool<C, S> pool, int loop) {
        PoolClient<C> oldest = pool.longestWaiting();
        PoolClient<C> local = pool.waiting.get(loop).first();
        if (oldest == null || local == null || local == oldest) {
            return oldest;
        }
        return local.ticket - oldest.ticket <= MAX_OVERTAKEN ? local : oldest;
    }

    private void activate(PoolServer<S> server, PoolClient<C> client) {
        server.state = PoolServer.State.ACTIVE;
        server.idledFor = 0;
        server.loop = client.loop;
        poolOf(server).active++;
    }

    private void takeIdle(PoolServer<S> server) {
        Pool<C, S> pool = poolOf(server);
        pool.idle.get(server.loop).remove(server);
        pool.idleCount--;
    }

    private void closeIdle(PoolServer<S> server, String why) {
        takeIdle(server);
        gone(server);
        effects.close(server, why);
    }

    private static void gone(PoolServer<?> server) {
        server.state = PoolServer.State.CLOSED;
        server.pool.scopes.forEach(Scope::giveBack);
    }

    // ---------------------------------------------------------------- opening

    private void openWhereNeeded(long now) {
        for (int i = 0; i < pools.size(); i++) {
            open(pools.get(i), now);
        }
    }

    private void open(Pool<C, S> pool, long now) {
        while (needsAnother(pool, now)
                && opening < MAX_OPENING
                && pool.opening < (pool.lastFailure == null ? MAX_OPENING_OF_POOL : 1)
                && isTime(pool.retryAt, now)
                && isSliceOpen(now)
                && makeRoom(pool)) {
            PoolClient<C> oldest = pool.longestWaiting();
            PoolServer<S> server = new PoolServer<>(pool, oldest == null ? 0 : oldest.loop, now);
            server.isReserve = pool.total() >= pool.settings.size();
            pool.opening++;
            opening++;
            openedOfSlice++;
            pool.scopes.forEach(Scope::take);
            effects.open(server);
        }
    }

    private boolean isTime(long at, long now) {
        if (now - at >= 0) {
            return true;
        }
        wake(at);
        return false;
    }

    private boolean isSliceOpen(long now) {
        if (now - sliceStart >= SLICE) {
            sliceStart = now;
            openedOfSlice = 0;
        }
        if (openedOfSlice < MAX_OPENED_OF_SLICE) {
            return true;
        }
        wake(sliceStart + SLICE);
        return false;
    }

    private void wake(long at) {
        if (!isWakeDue || at - wakeAt < 0) {
            isWakeDue = true;
            wakeAt = at;
            effects.wake(at);
        }
    }

    private boolean needsAnother(Pool<C, S> pool, long now) {
        if (pool.isRemoved || !isServing(pool)) {
            return false;
        }
        int total = pool.total();
        if (total < pool.settings.minimum() && total < pool.settings.size()) {
            return true;
        }
        if (pool.waitingCount <= pool.opening) {
            return false;
        }
        if (total < pool.settings.size()) {
            return true;
        }
        PoolClient<C> oldest = pool.longestWaiting();
        return oldest != null
                && total < pool.settings.size() + pool.settings.reserve()
                && now - oldest.since >= pool.settings.reserveAfter();
    }

    /**
     * Closes idle servers of other pools where a shared limit is reached; false when that fails.
     */
    private boolean makeRoom(Pool<C, S> pool) {
        Scope full = pool.fullScope();
        while (full != null) {
            PoolServer<S> victim = null;
            for (Pool<C, S> other : pools) {
                PoolServer<S> candidate =
                        other != pool && other.scopes.contains(full) ? other.longestIdle() : null;
                if (candidate != null
                        && (victim == null || candidate.idleSince < victim.idleSince)) {
                    victim = candidate;
                }
            }
            if (victim == null) {
                return false;
            }
            closeIdle(victim, "evicted");
            full = pool.fullScope();
        }
        return true;
    }

    // ---------------------------------------------------------------- holding, time

    /**
     * Nobody gets a server of this pool until {@link #resume}. A second hold of one owner replaces
     * its first.
     */
    public void hold(Pool<C, S> pool, Hold hold) {
        pool.holds.removeIf(known -> known.owner().equals(hold.owner()));
        pool.holds.add(hold);
        for (PoolServer<S> server = pool.longestIdle();
                hold.closesIdle() && server != null;
                server = pool.longestIdle()) {
            closeIdle(server, "hold");
        }
        forgetWhenEmpty(pool);
    }

    /**
     * Ends the hold of one owner. When it was the last, those who waited are served in their order.
     *
     * @param delay until the first server is opened, nanoseconds: not all nodes at once
     */
    public void resume(Pool<C, S> pool, String owner, long delay, long now) {
        if (pool.holds.removeIf(known -> known.owner().equals(owner)) && isServing(pool)) {
            goOn(pool, delay, now);
        }
    }

    /** There is no place where servers could be opened: clients wait, idle servers stay. */
    public void unroute(Pool<C, S> pool) {
        pool.isRouted = false;
    }

    /** There is such a place, the same as before or, after {@link #renew}, another one. */
    public void route(Pool<C, S> pool, long now) {
        if (!pool.isRouted) {
            pool.isRouted = true;
            goOn(pool, 0, now);
        }
    }

    /**
     * The pool's servers are elsewhere from now on: idle ones are closed now, busy ones when they
     * are released, and those on their way as they come.
     */
    public void renew(Pool<C, S> pool, String why, long now) {
        pool.generation++;
        reachable(pool, now);
        doom(server -> server.pool == pool, why, now);
    }

    /** Those who wait for this pool shall ask others. */
    public void dismiss(Pool<C, S> pool) {
        refuseAll(pool, new Refusal.Elsewhere());
    }

    private void goOn(Pool<C, S> pool, long delay, long now) {
        if (!isServing(pool)) {
            return;
        }
        pool.resumedAt = nextTicket;
        reachable(pool, now + delay);
        while (pool.idleCount > 0 && pool.waitingCount > 0) {
            PoolServer<S> server = pool.longestIdle();
            if (server == null) {
                break;
            }
            takeIdle(server);
            serve(pool, server, now);
        }
        open(pool, now);
    }

    /** What time alone brings about. To be called every 50 ms or so, and when it is asked for. */
    public void tick(long now) {
        if (isWakeDue && now - wakeAt >= 0) {
            isWakeDue = false;
        }
        for (Pool<C, S> pool : List.copyOf(pools)) {
            endHolds(pool, now);
            refuseLateWaiters(pool, now);
            refuseIfUnreachable(pool, now);
            closeOldServers(pool, now);
        }
        openWhereNeeded(now);
    }

    /** Those who waited for as long as the holds may last are refused. */
    private void endHolds(Pool<C, S> pool, long now) {
        if (!pool.isHeld()) {
            return;
        }
        if (pool.isRefusing(now)) {
            refuseAll(pool, new Refusal.HeldTooLong(pool.holds.getFirst().owner()));
        }
        boolean isEnded = pool.holds.removeIf(hold -> hold.isOver(now) && !hold.refusesAfter());
        if (isEnded && pool.holds.isEmpty()) {
            goOn(pool, 0, now);
        }
    }

    private void refuseLateWaiters(Pool<C, S> pool, long now) {
        long limit = pool.settings.waitLimit();
        for (WaitQueue<C> queue : pool.waiting) {
            PoolClient<C> first = queue.first();
            while (limit > 0 && first != null && now - first.since >= limit) {
                stopWaiting(first);
                effects.refuse(first, new Refusal.WaitedTooLong());
                first = queue.first();
            }
        }
    }

    private void refuseIfUnreachable(Pool<C, S> pool, long now) {
        String failure = pool.lastFailure;
        if (failure != null
                && !pool.isStarting
                && isServing(pool)
                && pool.active + pool.idleCount == 0
                && now - pool.unreachableSince >= pool.settings.outageLimit()) {
            refuseAll(pool, new Refusal.Unreachable(failure));
        }
    }

    private void refuseAll(Pool<C, S> pool, Refusal why) {
        for (WaitQueue<C> queue : pool.waiting) {
            for (PoolClient<C> first = queue.first(); first != null; first = queue.first()) {
                stopWaiting(first);
                effects.refuse(first, why);
            }
        }
    }

    /** One of each kind a call, so that a pool's servers are not all renewed at once. */
    private void closeOldServers(Pool<C, S> pool, long now) {
        PoolServer<S> longest = pool.longestIdle();
        long idleLimit = pool.settings.idleLimit();
        if (longest != null
                && idleLimit > 0
                && now - longest.idleSince >= idleLimit
                && pool.total() > pool.settings.minimum()) {
            closeIdle(longest, "server_idle_timeout");
        }
        long lifetime = pool.settings.lifetime();
        if (lifetime <= 0) {
            return;
        }
        for (IdleStack<S> stack : pool.idle) {
            for (PoolServer<S> server = stack.oldest(); server != null; server = server.newer) {
                if (now - server.openedAt >= lifetime) {
                    closeIdle(server, "server_lifetime");
                    return;
                }
            }
        }
    }

    // ---------------------------------------------------------------- small things

    @SuppressWarnings("unchecked") // a server is made by open, for a pool of ours
    private Pool<C, S> poolOf(PoolServer<S> server) {
        return (Pool<C, S>) server.pool;
    }

    private static void require(PoolServer<?> server, PoolServer.State state) {
        if (server.state != state) {
            throw new IllegalStateException(
                    "a server of " + server.pool + " is " + server.state + ", not " + state);
        }
    }
}
