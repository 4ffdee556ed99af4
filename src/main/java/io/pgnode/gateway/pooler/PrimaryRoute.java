package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.route.RouteSource;
import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.Dispatcher;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServerSlot;
import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the primary, for all services that lead there, and keeps the holds informed. Confined to
 * the router's thread.
 */
final class PrimaryRoute implements Router.Receiver {
    private static final Logger LOG = Logger.getLogger(PrimaryRoute.class);

    private final Pooler pooler;
    private final MemberLinks links;
    private final LongSupplier nanos;
    private final LongSupplier leaseNanos;
    private final PoolerHolds holds;
    private final boolean endsBusy;
    private final Dispatcher<Object> members;
    private RouteSource.Term term = RouteSource.Term.ENDLESS;
    private @Nullable Route route;
    private boolean isLost;
    private String last = "";

    /**
     * @param leaseNanos the clock that leases count on
     */
    PrimaryRoute(
            Pooler pooler,
            MemberLinks links,
            ServiceSpec spec,
            LongSupplier nanos,
            LongSupplier leaseNanos) {
        this.pooler = pooler;
        this.links = links;
        this.nanos = nanos;
        this.leaseNanos = leaseNanos;
        this.holds = pooler.holds();
        this.endsBusy = spec.closing().whenDown();
        this.members = new Dispatcher<>(spec, () -> 0, nanos.getAsLong());
    }

    @Override
    public void term(RouteSource.Term present) {
        term = present;
    }

    @Override
    public void servers(List<ServerView> views, Function<String, ServerAdmin> admin) {
        members.update(views, admin, nanos.getAsLong());
        List<ServerSlot> serving = members.serving();
        if (serving.isEmpty()) {
            lose();
        } else {
            follow(serving.getFirst());
        }
        Route now = route;
        holds.primaryIs(
                term.epoch(), now == null ? "" : now.member(), now != null && now.link() == null);
        holds.lease(term.leader().equals(links.self()), term.deadlineNanos(), leaseNanos);
    }

    private void lose() {
        if (isLost) {
            return;
        }
        isLost = true;
        Route before = route;
        if (before != null) {
            LOG.infof("primary lost: member=%s", before.member());
        }
        route = null;
        pooler.pools().route(PoolKey.PRIMARY, null, false);
    }

    private void follow(ServerSlot primary) {
        Route next = links.route(primary.name(), primary.address(), true, term.epoch());
        if (!next.isSameAs(route)) {
            LOG.infof("primary found: member=%s epoch=%d", next.member(), term.epoch());
            route = next;
            isLost = false;
            // The same member under a new lease: what goes on there is not in vain.
            pooler.pools().route(PoolKey.PRIMARY, next, endsBusy && !next.member().equals(last));
            last = next.member();
        }
    }
}
