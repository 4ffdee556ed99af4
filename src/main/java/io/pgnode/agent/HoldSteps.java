package io.pgnode.agent;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.Member;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds clients back before PostgreSQL is stopped on purpose, and lets them go on afterwards: they
 * wait and notice nothing else. Confined to the agent's loop.
 *
 * <p>The order matters. First every gateway stops sending new transactions to the primary; only
 * then the gateway of this node stops giving any to its PostgreSQL, or one that came from another
 * gateway would wait here and run on a standby later. Then what is open may end.
 *
 * <p>Nothing depends on it: each step has a limit, failures are logged and go on, and every hold
 * ends by itself.
 */
final class HoldSteps {
    /** Who holds the clients at a change of leader. */
    static final String SWITCHOVER = "switchover";

    /** Who holds the clients at a restart. */
    static final String RESTART = "restart";

    private static final Logger LOG = Logger.getLogger(HoldSteps.class);

    /**
     * For the other members, all at once. Who holds already waits meanwhile, and the clients of
     * whoever is left out see their connections end: long enough for a busy machine, and less than
     * the stall that a switchover may cost.
     */
    static final Duration MEMBERS = Duration.ofMillis(1500);

    /**
     * For our own gateway to begin a hold, and to answer beyond the time it was given to drain. One
     * that does not run fails at once.
     */
    static final Duration OWN = Duration.ofSeconds(1);

    private final Loop loop;
    private final Supplier<AgentSettings> settings;
    private final MemberName self;
    private ClientHolds gateways = ClientHolds.NONE;

    /** Who holds the clients of our PostgreSQL; null for nobody. */
    private @Nullable String localOwner;

    private boolean awaitsStart;

    HoldSteps(Loop loop, Supplier<AgentSettings> settings) {
        this.loop = loop;
        this.settings = settings;
        this.self = settings.get().self();
    }

    /** Before the agent starts. */
    void use(ClientHolds newGateways) {
        gateways = newGateways;
    }

    /** What an agent before us held here would last until its limit. */
    void releaseLeftovers() {
        for (String owner : List.of(SWITCHOVER, RESTART)) {
            var _ = within(OWN, () -> gateways.release(owner, HoldScope.LOCAL));
        }
    }

    ClientHolds gateways() {
        return gateways;
    }

    /**
     * Holds clients back and waits until none has a transaction open, as long as {@link #MEMBERS},
     * twice {@link #OWN} and the drain timeout at most. Never fails.
     *
     * @param leads whether PostgreSQL here is the primary
     */
    CompletableFuture<@Nullable Void> begin(
            String owner, ClusterView view, boolean leads, long epoch) {
        Duration limit = settings.get().holdTimeout();
        HoldRequest primary = new HoldRequest(owner, HoldScope.PRIMARY, epoch, limit);
        HoldRequest local = new HoldRequest(owner, HoldScope.LOCAL, Long.MAX_VALUE, limit);
        localOwner = owner;
        awaitsStart = false;
        return (leads ? everywhere(view, primary) : done())
                .thenCompose(held -> within(OWN, () -> gateways.hold(local)))
                .thenCompose(this::drain)
                .thenApply(
                        drained -> {
                            if (drained != null && drained.open() > 0) {
                                LOG.warnf(
                                        "transactions are open that the stop will end open=%d",
                                        drained.open());
                            }
                            return null;
                        });
    }

    private CompletableFuture<@Nullable HoldStatus> drain(@Nullable HoldStatus held) {
        Duration limit = settings.get().drainTimeout();
        if (held == null || held.isDrained() || limit.isZero()) {
            return CompletableFuture.completedFuture(held);
        }
        return within(limit.plus(OWN), () -> gateways.drained(HoldScope.LOCAL, limit));
    }

    private CompletableFuture<@Nullable Void> everywhere(ClusterView view, HoldRequest request) {
        List<CompletableFuture<?>> asked = new ArrayList<>();
        asked.add(within(MEMBERS, () -> gateways.hold(request)));
        for (Member member : others(view)) {
            asked.add(
                    within(MEMBERS, () -> gateways.holdAt(member, request, MEMBERS))
                            .thenApply(status -> tell(member, status)));
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(all -> null);
    }

    private static @Nullable Void tell(Member member, @Nullable Integer status) {
        if (status == null || status == ClientHolds.NO_ANSWER) {
            LOG.warnf("clients are not held back by member=%s: no answer", member.name());
        }
        return null;
    }

    private List<Member> others(ClusterView view) {
        return view.members().values().stream()
                .filter(member -> !member.name().equals(self))
                .filter(member -> member.isPgnode() && !member.apiUrl().isEmpty())
                .toList();
    }

    /** PostgreSQL has stopped: the clients of this node go on as soon as it runs again. */
    void stopped() {
        awaitsStart = localOwner != null;
    }

    /** In each cycle. */
    void look(InstanceView instance) {
        if (awaitsStart && instance.isRunning() && instance.answers()) {
            releaseLocal();
        }
    }

    /** The clients of this node go on now. */
    void releaseLocal() {
        String owner = localOwner;
        localOwner = null;
        awaitsStart = false;
        if (owner != null) {
            var _ = within(OWN, () -> gateways.release(owner, HoldScope.LOCAL));
        }
    }

    /** The clients of the primary go on in all gateways, without a new leader. */
    void releasePrimary(String owner, ClusterView view) {
        var _ = within(OWN, () -> gateways.release(owner, HoldScope.PRIMARY));
        for (Member member : others(view)) {
            try {
                gateways.releaseAt(member, owner, HoldScope.PRIMARY);
            } catch (RuntimeException e) {
                LOG.warnf("cannot release the clients of member=%s: %s", member.name(), e);
            }
        }
    }

    /** The answer, on the loop; null when there is none in time. */
    private <T> CompletableFuture<@Nullable T> within(
            Duration limit, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<@Nullable T> result = new CompletableFuture<>();
        CompletableFuture<T> answer;
        try {
            answer = call.get();
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        Loop.Timer timer = loop.schedule(limit.toNanos(), () -> result.complete(null));
        loop.hop(answer)
                .whenComplete(
                        (value, failure) -> {
                            timer.cancel();
                            if (failure != null) {
                                LOG.debugf("hold: %s", Loop.message(failure));
                            }
                            result.complete(failure == null ? value : null);
                        });
        return result;
    }

    private static CompletableFuture<@Nullable Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
