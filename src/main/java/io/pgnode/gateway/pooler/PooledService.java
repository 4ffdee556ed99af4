package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.StatusLog;
import io.pgnode.gateway.route.core.Changes;
import io.pgnode.gateway.route.core.Dispatcher;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServerSlot;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.route.core.Ticket;
import io.pgnode.gateway.route.core.Verdict;
import io.pgnode.gateway.stats.Counts;
import io.pgnode.gateway.stats.ServiceReport;
import io.pgnode.gateway.stats.SessionReport;
import io.pgnode.gateway.stats.Tally;
import io.pgnode.net.Gate;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A service in mode pooled: its listeners, and which members its clients get their servers from.
 *
 * <p>Clients of the primary's service follow the primary. Others get a member at their login, by
 * the service's balance, and stay with it until it does not serve any more; then they get another
 * one before their next transaction. Thread-safe; the lock is never held while anything waits.
 */
public final class PooledService implements Router.Receiver, Entrance {
    private static final Logger LOG = Logger.getLogger(PooledService.class);
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final ServiceSpec spec;
    private final Pooler pooler;
    private final MemberLinks links;
    private final LongSupplier nanos;
    private final boolean isPrimary;
    private final Set<Stay> stays = ConcurrentHashMap.newKeySet();
    private final ServiceTraffic traffic;

    private final Gate gate;

    private final ReentrantLock lock = new ReentrantLock();
    private final Dispatcher<Stay> dispatcher;
    private final Map<String, Tally> tallies = new HashMap<>();
    private final Tally total = new Tally();
    private final Map<String, Route> routes = new HashMap<>(); // on the router's thread
    private volatile boolean isRetired;
    private int changes;
    private volatile Set<String> serving = Set.of();

    /** Raised whenever {@link #serving} changes. */
    private volatile int version;

    /**
     * @param random 64 bits
     * @param loops number of event loops
     */
    PooledService(
            ServiceSpec spec,
            Pooler pooler,
            MemberLinks links,
            LongSupplier nanos,
            LongSupplier random,
            int loops) {
        this.spec = spec;
        this.pooler = pooler;
        this.links = links;
        this.nanos = nanos;
        this.isPrimary = isForPrimary(spec);
        this.dispatcher = new Dispatcher<>(spec, random, nanos.getAsLong());
        this.gate = pooler.listeners().gate(this, spec.limits().connections());
        this.traffic = new ServiceTraffic(loops);
    }

    /** Whether its clients follow the primary, and have nobody else to go to. */
    static boolean isForPrimary(ServiceSpec spec) {
        return spec.role() == RoleRule.PRIMARY && spec.backups().isEmpty();
    }

    public ServiceSpec spec() {
        return spec;
    }

    // ---------------------------------------------------------------- listening

    /** Listens on all binds, or on none when one of them cannot be had. */
    void open() throws IOException {
        gate.open("service " + spec.name(), spec.binds());
    }

    /** Takes no new clients; the present ones go on. */
    void retire() {
        isRetired = true;
        gate.close();
    }

    /** The same, for a moment. */
    void stopListening() {
        gate.close();
    }

    /** It takes no new clients, and the last one has gone. */
    boolean isOver() {
        return isRetired && stays.isEmpty();
    }

    /** Ends the service with its sessions. */
    void close() {
        retire();
        stays.forEach(stay -> stay.drop("the service is closed"));
    }

    /** Port of its first TCP listener; zero for none. */
    public int port() {
        return gate.port();
    }

    @Override
    public void connected(Channel channel) {
        gate.entered();
        channel.closeFuture().addListener(_ -> gate.left());
    }

    public void limit(int wanted) {
        gate.limit(wanted);
    }

    // ---------------------------------------------------------------- members

    @Override
    public void servers(List<ServerView> views, Function<String, ServerAdmin> admin) {
        Changes<Stay> news;
        Set<String> before = serving;
        List<ServerSlot> slots;
        lock.lock();
        try {
            news = dispatcher.update(views, admin, nanos.getAsLong());
            slots = List.copyOf(dispatcher.servers());
            serving =
                    dispatcher.serving().stream()
                            .map(ServerSlot::name)
                            .collect(Collectors.toUnmodifiableSet());
            if (!serving.equals(before)) {
                if (isPrimary) {
                    traffic.moveTo(primary());
                }
                changes++;
                version = changes;
            }
        } finally {
            lock.unlock();
        }
        if (!isPrimary) {
            follow(slots);
        }
        StatusLog.tell(LOG, spec.name(), news.events());
    }

    private void follow(List<ServerSlot> slots) {
        for (ServerSlot slot : slots) {
            Route next = links.route(slot.name(), slot.address(), false, 0);
            if (!next.isSameAs(routes.put(slot.name(), next))) {
                pooler.pools().route(target(slot), next, false);
            }
            if (!serving.contains(slot.name())) {
                pooler.pools().dismiss(target(slot));
            }
        }
        if (!serving.isEmpty()) {
            pooler.pools().dismiss(nobody());
        }
    }

    private static String target(ServerSlot slot) {
        return PoolKey.MEMBER + slot.name();
    }

    private String nobody() {
        return PoolKey.NOBODY + spec.name();
    }

    private String primary() {
        return serving.stream().findFirst().orElse("");
    }

    // ---------------------------------------------------------------- clients

    @Override
    public Visit enter(@Nullable SocketAddress client, int loop) {
        int hash =
                client instanceof InetSocketAddress inet && inet.getAddress() != null
                        ? inet.getAddress().hashCode()
                        : 0;
        Stay stay = new Stay(loop, hash);
        stays.add(stay);
        lock.lock();
        try {
            total.opened(nanos.getAsLong());
            if (!isPrimary) {
                stay.choose();
            }
        } finally {
            lock.unlock();
        }
        return stay;
    }

    /** A client of this service. */
    private final class Stay implements Visit {
        private final Ticket<Stay> ticket;
        private final int loop;
        private final long beganNanos = nanos.getAsLong();
        private volatile @Nullable ClientSession session;
        private volatile String target;
        private boolean isHomeless;
        private boolean isEnded;
        private int seen = version;

        Stay(int loop, int sourceHash) {
            this.loop = loop;
            this.ticket = new Ticket<>(this, sourceHash);
            this.target = isPrimary ? PoolKey.PRIMARY : nobody();
        }

        @Override
        public String target() {
            return target;
        }

        @Override
        public boolean isUnsettled() {
            return !isPrimary && (seen != version || isHomeless);
        }

        @Override
        public void settle() {
            if (!isUnsettled()) {
                return;
            }
            lock.lock();
            try {
                ServerSlot slot = ticket.slot();
                if (slot == null || !serving.contains(slot.name())) {
                    leave();
                    choose();
                }
                seen = version;
            } finally {
                lock.unlock();
            }
        }

        /** Under the lock. */
        private void choose() {
            if (dispatcher.offer(ticket, nanos.getAsLong()) == Verdict.WAIT) {
                // It waits for itself: whoever has nothing to do is in nobody's way.
                dispatcher.release(ticket, nanos.getAsLong());
            }
            ServerSlot slot = ticket.slot();
            isHomeless = slot == null;
            target = slot == null ? nobody() : PooledService.target(slot);
            if (slot != null) {
                Tally tally = tally(slot);
                tally.chosen++;
                total.chosen++;
                tally.opened(nanos.getAsLong());
            }
        }

        /** Under the lock. */
        private void leave() {
            ServerSlot slot = ticket.slot();
            if (slot != null) {
                tally(slot).closed();
                dispatcher.release(ticket, nanos.getAsLong());
            }
        }

        @Override
        public Traffic traffic() {
            return isPrimary ? traffic.following(loop) : traffic.of(member(), loop);
        }

        @Override
        public void begun(ClientSession wanted) {
            session = wanted;
        }

        @Override
        public void ended() {
            if (isEnded) {
                return;
            }
            isEnded = true;
            stays.remove(this);
            lock.lock();
            try {
                leave();
                total.closed();
                total.totalMillis.add(Tally.millis(nanos.getAsLong() - beganNanos));
            } finally {
                lock.unlock();
            }
        }

        /** Name of its member; empty when it has none. */
        String member() {
            if (isPrimary) {
                return primary();
            }
            ServerSlot slot = ticket.slot();
            return slot == null ? "" : slot.name();
        }

        void drop(String why) {
            ClientSession known = session;
            if (known != null) {
                known.channel()
                        .eventLoop()
                        .execute(
                                () -> known.fail(ErrorMessage.fatal(SqlState.ADMIN_SHUTDOWN, why)));
            }
        }

        SessionReport report() {
            ClientSession known = session;
            long now = nanos.getAsLong();
            return new SessionReport(
                    known == null ? "" : "0x" + Long.toHexString(known.meter().id()),
                    known == null ? "" : ClientPeer.name(known.channel()),
                    spec.name(),
                    member(),
                    known != null && known.seat().isWaiting() ? "waiting" : "pooled",
                    (now - beganNanos) / NANOS_PER_SECOND,
                    0,
                    0,
                    0);
        }
    }

    private Tally tally(ServerSlot slot) {
        return tallies.computeIfAbsent(slot.name(), _ -> new Tally());
    }

    // ---------------------------------------------------------------- for operators

    /** Sessions that have a member. */
    public List<SessionReport> sessionReports() {
        return stays.stream().map(Stay::report).filter(each -> !each.server().isEmpty()).toList();
    }

    /** Ends the sessions with that member; how many there are. */
    public int closeSessions(String member) {
        List<Stay> meant = stays.stream().filter(stay -> stay.member().equals(member)).toList();
        meant.forEach(stay -> stay.drop("terminating connection due to administrator command"));
        return meant.size();
    }

    /**
     * Forgets the largest values seen.
     *
     * @param all the totals as well
     */
    public void clear(boolean all) {
        lock.lock();
        try {
            total.clear(all);
            tallies.values().forEach(tally -> tally.clear(all));
            if (all) {
                traffic.clear();
                dispatcher.clearCounters();
            }
        } finally {
            lock.unlock();
        }
    }

    public int listenerCount() {
        return gate.size();
    }

    public ServiceReport report() {
        int waiting = waiting();
        lock.lock();
        try {
            long now = nanos.getAsLong();
            total.queued(waiting);
            Counts counts = counts(now);
            return ServiceReport.of(
                    spec, gate, dispatcher, now, counts, counts, slot -> counts(slot, now));
        } finally {
            lock.unlock();
        }
    }

    private int waiting() {
        if (isPrimary) {
            return pooler.pools().waiting(PoolKey.PRIMARY);
        }
        int sum = pooler.pools().waiting(nobody());
        for (String member : serving) {
            sum += pooler.pools().waiting(PoolKey.MEMBER + member);
        }
        return sum;
    }

    private Counts counts(long now) {
        return counts(total, traffic.all(), now);
    }

    private static Counts counts(Tally tally, ServiceTraffic.Sum bytes, long now) {
        return tally.counts(now, bytes.received(), bytes.sent());
    }

    private Counts counts(ServerSlot slot, long now) {
        boolean isIt = isPrimary && serving.contains(slot.name());
        return counts(isIt ? total : tally(slot), traffic.of(slot.name()), now);
    }
}
