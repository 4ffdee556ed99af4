package io.pgnode.gateway.pooler;

import io.pgnode.feed.HoldDesk;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.gateway.pooler.console.HoldView;
import io.pgnode.gateway.pooler.core.Hold;
import io.pgnode.gateway.pooler.core.HoldState;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.Pools;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds the pooler's clients back: during a switchover, while PostgreSQL restarts, while nobody is
 * primary, and from the end of the lease on. Thread-safe.
 *
 * <p>Clients in session mode keep their servers, so they are stopped between two transactions, and
 * closed at the end of the drain, which makes their drivers reconnect.
 */
public final class PoolerHolds implements HoldDesk {
    private static final Logger LOG = Logger.getLogger(PoolerHolds.class);
    private static final long WATCH_MILLIS = 5;

    /** A loop has read by then what came before. */
    private static final long ROUND_MILLIS = 2;

    /** How long a hold of this node's PostgreSQL waits for those who came before it. */
    private static final Duration EARLIER_LIMIT = Duration.ofMillis(100);

    /** No node resumes later than so much after the others. */
    private static final long MAX_JITTER_NANOS = 10_000_000L;

    private static final Duration NO_PRIMARY_LIMIT = Duration.ofSeconds(30);

    /** Links are cut so long before the lease ends, when PostgreSQL is fenced. */
    private static final long LEASE_MARGIN_NANOS = 50_000_000L;

    /** Whatever is longer has no limit. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final String NO_PRIMARY = "no-primary";
    private static final String LEASE = "lease";

    private final EventLoops loops;
    private final PoolLedger ledger;
    private final ClientRegistry clients;
    private final Collection<ServerSession> servers;
    private final LongSupplier nanos;
    private final LongSupplier jitter;
    private final ReentrantLock lock = new ReentrantLock();
    private final HoldBook book = new HoldBook();
    private @Nullable Lease lease;
    private volatile Duration noPrimaryLimit = NO_PRIMARY_LIMIT;
    private Set<Pool<ClientSession, ServerSession>> held = Set.of();

    /** Owners whose holds of this node's PostgreSQL are about to begin. */
    private final Set<String> beginning = new HashSet<>();

    private volatile Duration earlierLimit = EARLIER_LIMIT;
    private CompletableFuture<Void> restrained = CompletableFuture.completedFuture(null);
    private volatile boolean isUsed;

    /**
     * @param servers a live view of all
     * @param nanos the pools' clock
     * @param jitter random numbers
     */
    PoolerHolds(
            EventLoops loops,
            PoolLedger ledger,
            ClientRegistry clients,
            Collection<ServerSession> servers,
            LongSupplier nanos,
            LongSupplier jitter) {
        this.loops = loops;
        this.ledger = ledger;
        this.clients = clients;
        this.servers = servers;
        this.nanos = nanos;
        this.jitter = jitter;
    }

    // ---------------------------------------------------------------- the desk

    /**
     * {@inheritDoc}
     *
     * <p>At this node's PostgreSQL those who came before go first, for a short while: another
     * gateway may have sent them before its own hold began, and they would come to a standby if
     * they waited.
     */
    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        if (request.scope() != HoldScope.LOCAL) {
            return enter(request);
        }
        lock.lock();
        try {
            beginning.add(request.owner());
        } finally {
            lock.unlock();
        }
        return earlierServed().thenCompose(_ -> enterUnlessReleased(request));
    }

    /** For tests on machines that stand still at times. */
    void earlierLimit(Duration limit) {
        earlierLimit = limit;
    }

    private CompletableFuture<Void> earlierServed() {
        long until = System.nanoTime() + earlierLimit.toNanos();
        CompletableFuture<?>[] rounds = new CompletableFuture<?>[loops.count()];
        for (int i = 0; i < rounds.length; i++) {
            CompletableFuture<Void> round = new CompletableFuture<>();
            var _ =
                    loops.loop(i)
                            .schedule(
                                    () -> round.complete(null),
                                    ROUND_MILLIS,
                                    TimeUnit.MILLISECONDS);
            rounds[i] = round;
        }
        CompletableFuture<Void> served = new CompletableFuture<>();
        CompletableFuture.allOf(rounds)
                .thenRun(() -> watchEarlier(ledger.look(Pools::ticket), until, served));
        return served;
    }

    private void watchEarlier(long ticket, long until, CompletableFuture<Void> served) {
        if (isAnybodyWaiting(ticket) && System.nanoTime() - until < 0) {
            loops.loop(0)
                    .schedule(
                            () -> watchEarlier(ticket, until, served),
                            WATCH_MILLIS,
                            TimeUnit.MILLISECONDS);
        } else {
            served.complete(null);
        }
    }

    /**
     * Of those who wait for this node's PostgreSQL since before that ticket, and for nothing else.
     */
    private boolean isAnybodyWaiting(long ticket) {
        lock.lock();
        try {
            return ledger.look(
                    all ->
                            all.all().stream()
                                    .filter(pool -> !pool.isHeld())
                                    .filter(
                                            pool ->
                                                    book.concerns(
                                                            HoldScope.LOCAL, pool.key().target()))
                                    .anyMatch(pool -> pool.hasWaiting(ticket)));
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<HoldStatus> enterUnlessReleased(HoldRequest request) {
        lock.lock();
        try {
            return beginning.remove(request.owner())
                    ? enter(request)
                    : CompletableFuture.completedFuture(status(request.scope()));
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<HoldStatus> enter(HoldRequest request) {
        long now = nanos.getAsLong();
        long left = toNanos(request.limit());
        lock.lock();
        try {
            book.put(
                    request.scope(),
                    request.owner(),
                    request.epoch(),
                    left == Hold.NO_LIMIT ? left : now + left,
                    false);
            LOG.infof(
                    "clients are held: scope=%s owner=%s epoch=%d limit=%s",
                    request.scope(), request.owner(), request.epoch(), request.limit());
            return apply().thenApply(_ -> status(request.scope()));
        } finally {
            lock.unlock();
        }
    }

    private static long toNanos(Duration limit) {
        return limit.compareTo(LONGEST) > 0 ? Hold.NO_LIMIT : Math.max(0, limit.toNanos());
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        CompletableFuture<HoldStatus> result = new CompletableFuture<>();
        watch(scope, System.nanoTime() + toNanos(limit), result);
        return result;
    }

    private void watch(HoldScope scope, long until, CompletableFuture<HoldStatus> result) {
        HoldStatus now = status(scope);
        if (now.isHeld() && !now.isDrained() && System.nanoTime() - until < 0) {
            loops.loop(0)
                    .schedule(
                            () -> watch(scope, until, result), WATCH_MILLIS, TimeUnit.MILLISECONDS);
        } else if (now.isHeld()) {
            closeResting(scope).thenRun(() -> result.complete(status(scope)));
        } else {
            result.complete(now);
        }
    }

    @Override
    public void release(String owner, HoldScope scope) {
        lock.lock();
        try {
            if (scope == HoldScope.LOCAL) {
                beginning.remove(owner);
            }
            if (book.has(scope, owner)) {
                book.remove(scope, owner);
                LOG.infof("clients go on: scope=%s owner=%s", scope, owner);
                var _ = apply();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public HoldStatus status(HoldScope scope) {
        lock.lock();
        try {
            Sum sum = sum(scope);
            return new HoldStatus(book.isHeld(scope), sum.open, sum.waiting);
        } finally {
            lock.unlock();
        }
    }

    /** Of all scopes. */
    List<HoldView> views() {
        long now = nanos.getAsLong();
        List<HoldView> views = new ArrayList<>();
        lock.lock();
        try {
            for (HoldScope scope : HoldScope.values()) {
                Sum sum = sum(scope);
                List<HoldBook.Entry> entries = book.entries(scope);
                views.add(
                        new HoldView(
                                HoldBook.nameOf(scope),
                                HoldState.of(book.isHeld(scope), sum.open, sum.isResuming),
                                entries.stream().map(HoldBook.Entry::owner).toList(),
                                sum.open,
                                sum.waiting,
                                left(entries, now)));
            }
            return views;
        } finally {
            lock.unlock();
        }
    }

    private static long left(List<HoldBook.Entry> entries, long now) {
        long left = -1;
        for (HoldBook.Entry entry : entries) {
            if (entry.hold().until() == Hold.NO_LIMIT) {
                return -1;
            }
            left = Math.max(left, (entry.hold().until() - now) / 1_000_000);
        }
        return left;
    }

    private static final class Sum {
        int open;
        int waiting;
        boolean isResuming;
    }

    /** Under the lock. */
    private Sum sum(HoldScope scope) {
        Sum sum = new Sum();
        ledger.with(
                all -> {
                    for (Pool<ClientSession, ServerSession> pool : all.all()) {
                        if (book.concerns(scope, pool.key().target())) {
                            sum.open += pool.open();
                            sum.waiting += pool.waiting();
                            sum.isResuming |= pool.isResuming();
                        }
                    }
                });
        return sum;
    }

    // ---------------------------------------------------------------- the cluster

    /** How long clients wait for a new primary when the old one failed; counts the next time. */
    void noPrimaryLimit(Duration wanted) {
        noPrimaryLimit = wanted;
    }

    /** The member whose PostgreSQL is that of this node. */
    void self(String member) {
        lock.lock();
        try {
            book.self(member);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is known of the primary; to be told after the pools' routes have changed. Holds of
     * {@link HoldScope#PRIMARY} end that waited for a higher epoch. While nobody is known to be
     * primary its clients are held, for a while; then they are refused.
     *
     * @param member who it is; empty when nobody is known to be
     * @param isHere its PostgreSQL is that of this node
     */
    public void primaryIs(long epoch, String member, boolean isHere) {
        lock.lock();
        try {
            if (!member.isEmpty()) {
                book.primaryIs(epoch, isHere);
                book.remove(HoldScope.PRIMARY, NO_PRIMARY);
            } else {
                book.primaryIsUnknown();
                if (!book.has(HoldScope.PRIMARY, NO_PRIMARY)) {
                    book.put(
                            HoldScope.PRIMARY,
                            NO_PRIMARY,
                            Long.MAX_VALUE,
                            nanos.getAsLong() + noPrimaryLimit.toNanos(),
                            true);
                    LOG.infof("clients are held: scope=PRIMARY owner=%s", NO_PRIMARY);
                }
            }
            var _ = apply();
        } finally {
            lock.unlock();
        }
    }

    /**
     * When this member leads, until when: in time before its lease ends its clients are stopped,
     * and cut off where they are in a transaction.
     *
     * @param isOurs this member leads; a standby's clients are not its business
     * @param deadlineNanos on that clock
     * @param clock what leases count on
     */
    public void lease(boolean isOurs, long deadlineNanos, LongSupplier clock) {
        lock.lock();
        try {
            isUsed = true;
            lease = isOurs ? new Lease(deadlineNanos - LEASE_MARGIN_NANOS, clock) : null;
            Lease now = lease;
            if (now == null || now.left() > 0) {
                book.remove(HoldScope.LOCAL, LEASE);
                var _ = apply();
            }
            if (now != null) {
                loops.loop(0)
                        .schedule(this::checkLease, Math.max(0, now.left()), TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long we may forward to the primary of this node. */
    private record Lease(long until, LongSupplier clock) {
        long left() {
            return until - clock.getAsLong();
        }
    }

    private void checkLease() {
        lock.lock();
        try {
            Lease now = lease;
            if (now == null || now.left() > 0 || book.has(HoldScope.LOCAL, LEASE)) {
                return;
            }
            book.put(HoldScope.LOCAL, LEASE, Long.MAX_VALUE, Hold.NO_LIMIT, false);
            LOG.warnf("clients are cut off: owner=%s: the lease of this primary ends", LEASE);
            var _ = apply();
            cut();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: nothing goes to the local primary any more, nor comes from it. */
    private void cut() {
        ErrorMessage told =
                ErrorMessage.fatal(
                        SqlState.ADMIN_SHUTDOWN,
                        "terminating connection because this primary's lease ends");
        for (ServerSession server : servers) {
            if (book.concerns(HoldScope.LOCAL, server.seat().pool().key().target())) {
                server.channel().eventLoop().execute(() -> server.sever(told));
            }
        }
    }

    // ---------------------------------------------------------------- pools and clients

    /** What time alone brings about. */
    void tick(long now) {
        if (isUsed) {
            lock.lock();
            try {
                book.expire(now);
                var _ = apply();
            } finally {
                lock.unlock();
            }
            checkLease();
        }
    }

    /** A new pool is held by what is in force. */
    void created(Pool<ClientSession, ServerSession> pool) {
        if (!isUsed) {
            return;
        }
        lock.lock();
        try {
            ledger.with(all -> apply(all, pool));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Under the lock: the pools become what the book says.
     *
     * @return done once no client begins a transaction that must not
     */
    private CompletableFuture<Void> apply() {
        isUsed = true;
        Set<Pool<ClientSession, ServerSession>> now = new HashSet<>();
        ledger.with(
                all -> {
                    for (Pool<ClientSession, ServerSession> pool : all.all()) {
                        apply(all, pool);
                        if (pool.holds().stream().anyMatch(HoldBook::isOurs)) {
                            now.add(pool);
                        }
                    }
                });
        if (!now.equals(held)) {
            held = now;
            restrained = clients.tell(client -> client.restrain(now.contains(client.pool())));
        }
        return restrained;
    }

    private void apply(
            Pools<ClientSession, ServerSession> all, Pool<ClientSession, ServerSession> pool) {
        List<Hold> wanted = book.holdsOf(pool.key().target());
        List<Hold> present = pool.holds().stream().filter(HoldBook::isOurs).toList();
        if (wanted.isEmpty() && present.isEmpty()) {
            return;
        }
        wanted.stream().filter(hold -> !present.contains(hold)).forEach(it -> all.hold(pool, it));
        for (Hold hold : present) {
            if (wanted.stream().noneMatch(other -> other.owner().equals(hold.owner()))) {
                long delay = Math.floorMod(jitter.getAsLong(), MAX_JITTER_NANOS);
                all.resume(pool, hold.owner(), delay, nanos.getAsLong());
            }
        }
    }

    /** Sessions that keep their servers cannot wait for others: their drivers reconnect. */
    private CompletableFuture<Void> closeResting(HoldScope scope) {
        ErrorMessage told =
                ErrorMessage.fatal(
                        SqlState.ADMIN_SHUTDOWN,
                        "terminating connection because its server goes away");
        Set<Pool<ClientSession, ServerSession>> meant = poolsOf(scope);
        return clients.tell(
                client -> {
                    if (client.isResting() && meant.contains(client.pool())) {
                        client.fail(told);
                    }
                });
    }

    private Set<Pool<ClientSession, ServerSession>> poolsOf(HoldScope scope) {
        Set<Pool<ClientSession, ServerSession>> pools = new HashSet<>();
        lock.lock();
        try {
            ledger.with(
                    all ->
                            all.all().stream()
                                    .filter(pool -> book.concerns(scope, pool.key().target()))
                                    .forEach(pools::add));
        } finally {
            lock.unlock();
        }
        return pools;
    }
}
