package io.pgnode.gateway.proxy;

import io.netty.channel.EventLoop;
import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.StatusLog;
import io.pgnode.gateway.route.core.Changes;
import io.pgnode.gateway.route.core.Dispatcher;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServerSlot;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.Ticket;
import io.pgnode.gateway.route.core.Verdict;
import io.pgnode.gateway.stats.ServiceReport;
import io.pgnode.gateway.stats.SessionReport;
import io.pgnode.gateway.stats.Tally;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.ListenOptions;
import io.pgnode.net.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One service in mode tcp. Thread-safe; the lock is never held while anything waits. */
final class TcpService implements Router.Receiver {
    private static final Logger LOG = Logger.getLogger(TcpService.class);
    private static final long SWEEP_MILLIS = 1000;

    private final ServiceSpec spec;
    private final EventLoops loops;
    private final LongSupplier nanos;
    private final LongSupplier ids;
    private final Resolver resolver;
    private final Gate gate;
    private final List<Set<TcpSession>> byLoop = new ArrayList<>(); // each on its loop

    private final ReentrantLock lock = new ReentrantLock();
    private final Dispatcher<TcpSession> dispatcher;
    private final Map<ServerSlot, Set<TcpSession>> bySlot = new HashMap<>();
    private final Map<String, Tally> tallies = new HashMap<>();
    private final Tally frontend = new Tally();
    private final Tally backend = new Tally();
    private final List<ScheduledFuture<?>> sweeps = new ArrayList<>();
    private volatile boolean isClosed;
    private volatile @Nullable Runnable whenEmpty;

    /**
     * @param random 64 bits
     * @param ids of sessions, unique in the process
     */
    TcpService(
            ServiceSpec spec,
            EventLoops loops,
            LongSupplier nanos,
            LongSupplier random,
            LongSupplier ids,
            Resolver resolver) {
        this.spec = spec;
        this.loops = loops;
        this.nanos = nanos;
        this.ids = ids;
        this.resolver = resolver;
        this.gate =
                new Gate(
                        loops,
                        address ->
                                Sockets.listenDirect(
                                        loops, address, this::accept, ListenOptions.PLAIN),
                        spec.limits().connections());
        this.dispatcher = new Dispatcher<>(spec, random, nanos.getAsLong());
        for (int i = 0; i < loops.count(); i++) {
            byLoop.add(new LinkedHashSet<>());
            int number = i;
            sweeps.add(
                    loops.loop(i)
                            .scheduleWithFixedDelay(
                                    () -> sweep(number),
                                    SWEEP_MILLIS,
                                    SWEEP_MILLIS,
                                    TimeUnit.MILLISECONDS));
        }
    }

    /** Listens on all binds, or on none when one of them cannot be had. */
    void open() throws IOException {
        gate.open("service " + spec.name(), spec.binds());
    }

    /** Port of the first TCP listener; zero for none. */
    int port() {
        return gate.port();
    }

    /** Existing sessions go on. */
    void stopListening() {
        gate.close();
    }

    /**
     * Takes no new clients. Its servers are told about still, so that a demotion also closes the
     * sessions that are left.
     *
     * @param then when the last session has ended
     */
    void retire(Runnable then) {
        stopListening();
        whenEmpty = then;
    }

    /** Ends the service and all of its sessions. */
    void close() {
        isClosed = true;
        stopListening();
        sweeps.forEach(sweep -> sweep.cancel(false));
        for (int i = 0; i < loops.count(); i++) {
            Set<TcpSession> mine = byLoop.get(i);
            loops.loop(i).execute(() -> List.copyOf(mine).forEach(one -> one.close(Ending.CLOSED)));
        }
    }

    private TcpSession accept(int loop) {
        gate.entered();
        return new TcpSession(this, loop, ids.getAsLong());
    }

    void limit(int wanted) {
        gate.limit(wanted);
    }

    private void sweep(int loop) {
        long now = now();
        long limit = Math.min(spec.times().client().toNanos(), spec.times().server().toNanos());
        for (TcpSession session : List.copyOf(byLoop.get(loop))) {
            session.endIfIdle(now, limit);
        }
    }

    // What sessions ask for; each on its loop.

    ServiceSpec spec() {
        return spec;
    }

    EventLoop loop(int number) {
        return loops.loop(number);
    }

    long now() {
        return nanos.getAsLong();
    }

    void arrived(TcpSession session, Ticket<TcpSession> ticket) {
        byLoop.get(session.loopNumber()).add(session);
        long now = now();
        Verdict verdict;
        lock.lock();
        try {
            frontend.opened(now);
            backend.opened(now);
            verdict = isClosed ? Verdict.REFUSED : dispatcher.offer(ticket, now);
            backend.queued(dispatcher.queued());
            if (verdict == Verdict.GO) {
                placed(ticket);
            }
        } finally {
            lock.unlock();
        }
        switch (verdict) {
            case GO -> session.wake();
            case WAIT -> {}
            case REFUSED -> session.close(Ending.NO_PLACE);
        }
    }

    private void placed(Ticket<TcpSession> ticket) {
        ServerSlot slot = ticket.slot();
        if (slot != null) {
            bySlot.computeIfAbsent(slot, key -> new LinkedHashSet<>()).add(ticket.session());
            Tally tally = tally(slot);
            tally.chosen++;
            backend.chosen++;
            tally.opened(now());
        }
    }

    private void left(@Nullable ServerSlot slot, TcpSession session) {
        if (slot == null) {
            return;
        }
        Set<TcpSession> sessions = bySlot.get(slot);
        if (sessions != null && sessions.remove(session)) {
            tally(slot).closed();
            if (sessions.isEmpty()) {
                bySlot.remove(slot);
            }
        }
    }

    private Tally tally(ServerSlot slot) {
        return tallies.computeIfAbsent(slot.name(), name -> new Tally());
    }

    CompletableFuture<InetSocketAddress> resolve(ServerSlot slot) {
        return resolver.resolve(slot.address());
    }

    Tally attempted(ServerSlot slot) {
        lock.lock();
        try {
            Tally tally = tally(slot);
            tally.attempts++;
            backend.attempts++;
            return tally;
        } finally {
            lock.unlock();
        }
    }

    void connected(ServerSlot slot, long queueNanos, long connectNanos) {
        lock.lock();
        try {
            for (Tally tally : List.of(tally(slot), backend)) {
                tally.queueMillis.add(Tally.millis(queueNanos));
                tally.connectMillis.add(Tally.millis(connectNanos));
            }
        } finally {
            lock.unlock();
        }
    }

    void connectFailed(ServerSlot slot) {
        lock.lock();
        try {
            tally(slot).connectErrors++;
            backend.connectErrors++;
        } finally {
            lock.unlock();
        }
    }

    void retried(ServerSlot slot) {
        lock.lock();
        try {
            tally(slot).retries++;
            backend.retries++;
        } finally {
            lock.unlock();
        }
    }

    /** Whether another server takes it. */
    boolean redispatch(Ticket<TcpSession> ticket, ServerSlot failed) {
        lock.lock();
        try {
            if (!dispatcher.redispatch(ticket, now())) {
                return false;
            }
            left(failed, ticket.session());
            tally(failed).redispatches++;
            backend.redispatches++;
            placed(ticket);
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean mayRetry(Ticket<TcpSession> ticket) {
        lock.lock();
        try {
            return dispatcher.mayRetry(ticket);
        } finally {
            lock.unlock();
        }
    }

    void giveBack(Ticket<TcpSession> ticket) {
        List<Ticket<TcpSession>> started;
        lock.lock();
        try {
            left(ticket.slot(), ticket.session());
            started = dispatcher.giveBack(ticket, now());
            started.forEach(this::placed);
            backend.queued(dispatcher.queued());
        } finally {
            lock.unlock();
        }
        started.forEach(one -> one.session().wake());
    }

    void bytesIn(int length) {
        frontend.bytesIn.add(length);
        backend.bytesIn.add(length);
    }

    void bytesOut(int length) {
        frontend.bytesOut.add(length);
        backend.bytesOut.add(length);
    }

    void ended(
            TcpSession session,
            Ticket<TcpSession> ticket,
            Ending why,
            boolean wasConnected,
            long lengthNanos) {
        byLoop.get(session.loopNumber()).remove(session);
        List<Ticket<TcpSession>> started;
        lock.lock();
        try {
            ServerSlot slot = ticket.slot();
            count(why, slot);
            if (slot != null && wasConnected) {
                tally(slot).totalMillis.add(Tally.millis(lengthNanos));
                backend.totalMillis.add(Tally.millis(lengthNanos));
            }
            left(slot, session);
            started = dispatcher.release(ticket, now());
            started.forEach(this::placed);
            backend.queued(dispatcher.queued());
            frontend.closed();
            backend.closed();
        } finally {
            lock.unlock();
        }
        gate.left();
        started.forEach(one -> one.session().wake());
    }

    private void count(Ending why, @Nullable ServerSlot slot) {
        Tally server = slot == null ? null : tally(slot);
        switch (why) {
            case CLIENT_BROKE_OFF -> {
                backend.clientAborts++;
                if (server != null) {
                    server.clientAborts++;
                }
            }
            case SERVER_BROKE_OFF -> {
                backend.serverAborts++;
                if (server != null) {
                    server.serverAborts++;
                }
            }
            case NO_PLACE -> {
                frontend.refused++;
                backend.refused++;
            }
            case DONE, IDLE, NO_CONNECTION, CLOSED -> {}
        }
    }

    // What the router and operators tell.

    @Override
    public void servers(List<ServerView> views, Function<String, ServerAdmin> admin) {
        List<Runnable> effects = new ArrayList<>();
        Changes<TcpSession> changes;
        lock.lock();
        try {
            long now = now();
            for (Ticket<TcpSession> late : dispatcher.expire(now)) {
                effects.add(() -> late.session().close(Ending.NO_PLACE));
            }
            changes = dispatcher.update(views, admin, now);
            for (Ticket<TcpSession> started : changes.started()) {
                placed(started);
                effects.add(() -> started.session().wake());
            }
            for (Changes.Closing closing : changes.closing()) {
                ServerSlot slot = closing.server();
                for (TcpSession session : sessions(slot)) {
                    effects.add(() -> session.serverIsLost(slot));
                }
            }
            backend.queued(dispatcher.queued());
        } finally {
            lock.unlock();
        }
        effects.forEach(Runnable::run);
        Runnable then = whenEmpty;
        if (then != null && isEmpty()) {
            then.run();
        }
        StatusLog.tell(LOG, spec.name(), changes.events());
    }

    /** Whether it has neither clients nor, as a retired one, ever will have. */
    boolean isEmpty() {
        return gate.connections() == 0;
    }

    private Collection<TcpSession> sessions(ServerSlot slot) {
        return List.copyOf(bySlot.getOrDefault(slot, Set.of()));
    }

    /** An operator's wish; how many sessions it concerns. */
    int closeSessions(String server) {
        Collection<TcpSession> found;
        lock.lock();
        try {
            ServerSlot slot = dispatcher.server(server);
            found = slot == null ? List.of() : sessions(slot);
        } finally {
            lock.unlock();
        }
        found.forEach(session -> session.close(Ending.CLOSED));
        return found.size();
    }

    void clear(boolean all) {
        lock.lock();
        try {
            frontend.clear(all);
            backend.clear(all);
            tallies.values().forEach(tally -> tally.clear(all));
            if (all) {
                dispatcher.clearCounters();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sessions that have a server. */
    List<SessionReport> sessionReports() {
        List<TcpSession> all = new ArrayList<>();
        lock.lock();
        try {
            bySlot.values().forEach(all::addAll);
        } finally {
            lock.unlock();
        }
        return all.stream().map(TcpSession::report).toList();
    }

    int listenerCount() {
        return gate.size();
    }

    ServiceReport report() {
        lock.lock();
        try {
            long now = now();
            return ServiceReport.of(
                    spec,
                    gate,
                    dispatcher,
                    now,
                    frontend.counts(now),
                    backend.counts(now),
                    slot -> tally(slot).counts(now));
        } finally {
            lock.unlock();
        }
    }
}
