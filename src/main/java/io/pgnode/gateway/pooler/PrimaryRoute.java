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

/** Follows the primary, for all services that lead there. Confined to the router's thread. */
final class PrimaryRoute implements Router.Receiver {
    private static final Logger LOG = Logger.getLogger(PrimaryRoute.class);

    private final Pooler pooler;
    private final MemberLinks links;
    private final LongSupplier nanos;
    private final boolean endsBusy;
    private final Dispatcher<Object> members;
    private RouteSource.Term term = RouteSource.Term.ENDLESS;
    private @Nullable Route route;
    private String last = "";

    PrimaryRoute(Pooler pooler, MemberLinks links, ServiceSpec spec, LongSupplier nanos) {
        this.pooler = pooler;
        this.links = links;
        this.nanos = nanos;
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
            if (route != null) {
                LOG.infof("primary lost: member=%s", route.member());
                route = null;
                pooler.route(PoolKey.PRIMARY, null, false);
            }
            return;
        }
        ServerSlot primary = serving.getFirst();
        Route next = links.route(primary.name(), primary.address(), term.epoch());
        Route before = route;
        if (!next.isSameAs(before)) {
            route = next;
            LOG.infof("primary found: member=%s epoch=%d", next.member(), term.epoch());
            // The same member under a new lease: what goes on there is not in vain.
            pooler.route(PoolKey.PRIMARY, next, endsBusy && !next.member().equals(last));
            last = next.member();
        }
    }
}
