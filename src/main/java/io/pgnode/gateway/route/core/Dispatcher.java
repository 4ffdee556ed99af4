package io.pgnode.gateway.route.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives the clients of one service places on its servers, and lets them wait in the order they came
 * while there is none.
 *
 * <pre>
 * offer -> GO | WAIT | REFUSED      release, update -> waiting ones that have a place now
 * </pre>
 *
 * <p>Servers are asked for in this order, and only the first group that has one serves: others that
 * are up, backups that are up (only the first, unless all of them shall), others in doubt, backups
 * in doubt. A client also waits while there is no server at all, so a switchover costs it time and
 * not its connection.
 *
 * <p>Pure but not immutable: the caller holds a lock around each call.
 *
 * @param <T> a session
 */
public final class Dispatcher<T> {
    private static final int HASH_SPREAD = 0x9E3779B9;

    private final ServiceSpec spec;
    private final LongSupplier random;
    private final Map<String, ServerSlot> servers = new LinkedHashMap<>();
    private final ArrayDeque<Ticket<T>> queue = new ArrayDeque<>();
    private long changedNanos;
    private long downtimeNanos;
    private long timesDown;
    private boolean wasUp;

    /**
     * @param random 64 random bits, for {@link Balance#RANDOM}
     */
    public Dispatcher(ServiceSpec spec, LongSupplier random, long nowNanos) {
        this.spec = spec;
        this.random = random;
        this.changedNanos = nowNanos;
    }

    /** A client came. After GO the ticket has its slot until {@link #release}. */
    public Verdict offer(Ticket<T> ticket, long nowNanos) {
        if (ticket.slot != null || ticket.isQueued) {
            throw new IllegalStateException("the ticket is in use");
        }
        ticket.arrivedNanos = nowNanos;
        // Whoever waits goes first, even when a place has just become free.
        ServerSlot chosen = queue.isEmpty() ? choose(ticket, nowNanos) : null;
        if (chosen != null) {
            take(ticket, chosen);
            return Verdict.GO;
        }
        if (spec.limits().queue() > 0 && queue.size() >= spec.limits().queue()) {
            return Verdict.REFUSED;
        }
        ticket.isQueued = true;
        queue.addLast(ticket);
        return Verdict.WAIT;
    }

    private static <T> void take(Ticket<T> ticket, ServerSlot server) {
        ticket.slot = server;
        server.current++;
    }

    /**
     * Its server did not accept. It gets another one that has not failed it yet and has a place,
     * and keeps the old one otherwise.
     *
     * @return whether it has another server now
     */
    public boolean redispatch(Ticket<T> ticket, long nowNanos) {
        ServerSlot old = ticket.slot;
        if (old == null) {
            throw new IllegalStateException("the ticket has no server");
        }
        ticket.failedServers.add(old.name());
        List<ServerSlot> others = new ArrayList<>(candidates());
        others.removeIf(server -> ticket.failedServers.contains(server.name()));
        ServerSlot chosen = balance(others, ticket, nowNanos);
        if (chosen == null) {
            return false;
        }
        old.current--;
        take(ticket, chosen);
        return true;
    }

    /** Whether its server may still be tried. */
    public boolean mayRetry(Ticket<T> ticket) {
        ServerSlot slot = ticket.slot;
        return slot != null && slot.isRunning();
    }

    /**
     * Its server went down before it accepted: it waits again, before all others, who came later.
     *
     * @return those that have a place now, perhaps itself
     */
    public List<Ticket<T>> giveBack(Ticket<T> ticket, long nowNanos) {
        ServerSlot old = ticket.slot;
        if (old == null) {
            throw new IllegalStateException("the ticket has no server");
        }
        old.current--;
        ticket.slot = null;
        ticket.isQueued = true;
        queue.addFirst(ticket);
        return startWaiting(nowNanos);
    }

    /** Its session ended, or it does not wait any longer; more than once does no harm. */
    public List<Ticket<T>> release(Ticket<T> ticket, long nowNanos) {
        if (ticket.isQueued) {
            ticket.isQueued = false;
            queue.remove(ticket);
            return List.of();
        }
        ServerSlot slot = ticket.slot;
        if (slot == null) {
            return List.of();
        }
        ticket.slot = null;
        slot.current--;
        return startWaiting(nowNanos);
    }

    /** Those who have waited too long, taken out of the queue. */
    public List<Ticket<T>> expire(long nowNanos) {
        long limit = spec.times().queue().toNanos();
        List<Ticket<T>> late = new ArrayList<>();
        while (!queue.isEmpty() && nowNanos - queue.getFirst().arrivedNanos >= limit) {
            Ticket<T> ticket = queue.removeFirst();
            ticket.isQueued = false;
            late.add(ticket);
        }
        return late;
    }

    private List<Ticket<T>> startWaiting(long nowNanos) {
        List<Ticket<T>> started = new ArrayList<>();
        while (!queue.isEmpty()) {
            Ticket<T> first = queue.getFirst();
            ServerSlot chosen = choose(first, nowNanos);
            if (chosen == null) {
                break;
            }
            queue.removeFirst();
            first.isQueued = false;
            take(first, chosen);
            started.add(first);
        }
        return started;
    }

    /** Tries again for those who wait: slow starts and doubts change with time. */
    public List<Ticket<T>> tick(long nowNanos) {
        return startWaiting(nowNanos);
    }

    private @Nullable ServerSlot choose(Ticket<T> ticket, long nowNanos) {
        return balance(candidates(), ticket, nowNanos);
    }

    /** The group that serves now. */
    private List<ServerSlot> candidates() {
        for (Condition condition : List.of(Condition.UP, Condition.DOUBTFUL)) {
            List<ServerSlot> active = group(condition, false);
            if (!active.isEmpty()) {
                return active;
            }
            List<ServerSlot> backups = group(condition, true);
            if (!backups.isEmpty()) {
                return spec.allBackups() ? backups : backups.subList(0, 1);
            }
        }
        return List.of();
    }

    /** The servers that new sessions go to at present. */
    public List<ServerSlot> serving() {
        return List.copyOf(candidates());
    }

    private List<ServerSlot> group(Condition condition, boolean isBackup) {
        List<ServerSlot> result = new ArrayList<>();
        for (ServerSlot server : servers.values()) {
            if (server.view.isBackup() == isBackup && server.takes(condition)) {
                result.add(server);
            }
        }
        return result;
    }

    private @Nullable ServerSlot balance(List<ServerSlot> group, Ticket<T> ticket, long nowNanos) {
        List<ServerSlot> free = new ArrayList<>(group.size());
        for (ServerSlot server : group) {
            if (server.hasPlace(nowNanos)) {
                free.add(server);
            }
        }
        if (free.isEmpty()) {
            return null;
        }
        return switch (spec.balance()) {
            case ROUND_ROBIN -> inTurn(free, nowNanos);
            case LEAST_CONN -> leastLoaded(free, nowNanos);
            case FIRST -> free.getFirst();
            case RANDOM ->
                    leastLoaded(
                            List.of(
                                    byWeight(free, random.getAsLong(), nowNanos),
                                    byWeight(free, random.getAsLong(), nowNanos)),
                            nowNanos);
            case SOURCE -> {
                // By the group and not by who is free, so that a client stays where it was.
                ServerSlot home = byWeight(group, (long) ticket.sourceHash() * HASH_SPREAD, 0);
                yield free.contains(home) ? home : inTurn(free, nowNanos);
            }
        };
    }

    /** Smooth weighted round robin: turns of a heavy server are spread among the others'. */
    private static ServerSlot inTurn(List<ServerSlot> free, long nowNanos) {
        ServerSlot best = free.getFirst();
        long total = 0;
        for (ServerSlot server : free) {
            int weight = server.effectiveWeight(nowNanos);
            server.credit += weight;
            total += weight;
            if (server.credit > best.credit) {
                best = server;
            }
        }
        best.credit -= total;
        return best;
    }

    private static ServerSlot leastLoaded(List<ServerSlot> free, long nowNanos) {
        ServerSlot best = free.getFirst();
        for (ServerSlot server : free) {
            long mine = (long) (server.current + 1) * best.effectiveWeight(nowNanos);
            long its = (long) (best.current + 1) * server.effectiveWeight(nowNanos);
            if (mine < its) {
                best = server;
            }
        }
        return best;
    }

    private static ServerSlot byWeight(List<ServerSlot> group, long bits, long nowNanos) {
        long total = 0;
        for (ServerSlot server : group) {
            total += weight(server, nowNanos);
        }
        long point = Long.remainderUnsigned(bits, total);
        for (ServerSlot server : group) {
            point -= weight(server, nowNanos);
            if (point < 0) {
                return server;
            }
        }
        return group.getLast();
    }

    /** Time zero stands for weights that do not change with time. */
    private static int weight(ServerSlot server, long nowNanos) {
        return nowNanos == 0 ? Math.max(1, server.weight()) : server.effectiveWeight(nowNanos);
    }

    /**
     * Takes new knowledge. A server that is not mentioned any more is down.
     *
     * @param admin what operators want of the server of that name
     */
    public Changes<T> update(
            List<ServerView> views, Function<String, ServerAdmin> admin, long nowNanos) {
        List<Changes.Closing> closing = new ArrayList<>();
        List<Changes.StatusChange> events = new ArrayList<>();
        boolean hadActive = hasActive();
        Map<String, ServerView> known = new LinkedHashMap<>();
        views.forEach(view -> known.put(view.name(), view));
        for (Iterator<ServerSlot> all = servers.values().iterator(); all.hasNext(); ) {
            ServerSlot server = all.next();
            if (!known.containsKey(server.name())) {
                all.remove();
                leave(server, closing, events);
            }
        }
        for (ServerView view : known.values()) {
            ServerSlot server = servers.get(view.name());
            ServerAdmin wanted = admin.apply(view.name());
            if (server == null) {
                server = new ServerSlot(spec, view, wanted, nowNanos);
                servers.put(view.name(), server);
            } else {
                change(server, view, wanted, nowNanos, closing, events);
            }
        }
        if (spec.closing().backupsWhenUp() && !hadActive && hasActive()) {
            for (ServerSlot server : servers.values()) {
                if (server.view.isBackup() && server.current > 0) {
                    closing.add(new Changes.Closing(server, "another server is up"));
                }
            }
        }
        countStatus(nowNanos);
        return new Changes<>(startWaiting(nowNanos), closing, events);
    }

    private boolean hasActive() {
        return servers.values().stream()
                .anyMatch(server -> !server.view.isBackup() && server.takes(Condition.UP));
    }

    private void leave(
            ServerSlot server, List<Changes.Closing> closing, List<Changes.StatusChange> events) {
        ServerStatus before = server.status();
        server.isGone = true;
        String why = "is no member any more";
        events.add(new Changes.StatusChange(server.name(), before, ServerStatus.DOWN, why));
        if (spec.closing().whenDown()) {
            closing.add(new Changes.Closing(server, why));
        }
    }

    private void change(
            ServerSlot server,
            ServerView view,
            ServerAdmin admin,
            long nowNanos,
            List<Changes.Closing> closing,
            List<Changes.StatusChange> events) {
        ServerStatus before = server.status();
        boolean wasRunning = server.isRunning();
        server.view = view;
        server.admin = admin;
        ServerStatus after = server.status();
        if (before == after) {
            return;
        }
        boolean runs = server.isRunning();
        if (!wasRunning) {
            server.downtimeNanos += nowNanos - server.changedNanos;
        }
        server.changedNanos = nowNanos;
        if (!wasRunning && runs) {
            server.upSinceNanos = nowNanos;
        }
        String why = admin.state() == AdminState.READY ? view.why() : admin.state().text();
        if (wasRunning && !runs) {
            server.timesDown++;
            if (spec.closing().whenDown()) {
                closing.add(new Changes.Closing(server, why));
            }
        }
        events.add(new Changes.StatusChange(server.name(), before, after, why));
    }

    private void countStatus(long nowNanos) {
        boolean isUp = isUp();
        if (isUp == wasUp) {
            return;
        }
        if (isUp) {
            downtimeNanos += nowNanos - changedNanos;
        } else {
            timesDown++;
        }
        changedNanos = nowNanos;
        wasUp = isUp;
    }

    /** Whether any server takes sessions. */
    public boolean isUp() {
        return !candidates().isEmpty();
    }

    public ServiceSpec spec() {
        return spec;
    }

    /** In the order of the source. */
    public Collection<ServerSlot> servers() {
        return Collections.unmodifiableCollection(servers.values());
    }

    public @Nullable ServerSlot server(String name) {
        return servers.get(name);
    }

    public int queued() {
        return queue.size();
    }

    public long changedNanos() {
        return changedNanos;
    }

    /** How often no server was left. */
    public long timesDown() {
        return timesDown;
    }

    public long downtimeNanos(long nowNanos) {
        return downtimeNanos + (isUp() ? 0 : nowNanos - changedNanos);
    }

    /** Forgets what was counted, not what is. */
    public void clearCounters() {
        timesDown = 0;
        servers.values().forEach(ServerSlot::clearCounters);
    }
}
