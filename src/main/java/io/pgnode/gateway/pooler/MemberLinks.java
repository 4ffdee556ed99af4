package io.pgnode.gateway.pooler;

import io.pgnode.model.HostPort;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Addresses of the members' poolers. Names are looked up aside. Thread-safe. */
final class MemberLinks {
    private final String self;
    private final Executor aside;
    private final Map<HostPort, ServerAddresses> known = new ConcurrentHashMap<>();

    /**
     * @param self name of the member whose PostgreSQL is at hand; empty for none
     * @param aside where it may block
     */
    MemberLinks(String self, Executor aside) {
        this.self = self;
        this.aside = aside;
    }

    String self() {
        return self;
    }

    /**
     * The route to a member.
     *
     * @param address of its pooler
     * @param isPrimary see {@link Route}, as for {@code epoch}
     */
    Route route(String member, HostPort address, boolean isPrimary, long epoch) {
        return new Route(member, member.equals(self) ? null : link(address), isPrimary, epoch);
    }

    private @Nullable ServerAddresses link(HostPort address) {
        return known.computeIfAbsent(
                address,
                where -> {
                    ServerAddresses made =
                            new ServerAddresses(List.of(where.host()), where.port(), false);
                    if (made.hasNames()) {
                        aside.execute(made::refresh);
                    } else {
                        made.refresh();
                    }
                    return made;
                });
    }
}
