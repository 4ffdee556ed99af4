package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.ServerView;
import io.pgnode.gateway.route.core.ServiceSpec;
import java.util.List;

/** What is known about the members. Thread-safe; answers at once. */
public interface RouteSource extends AutoCloseable {
    /**
     * @param nowNanos on the gateway's monotonic clock
     */
    List<ServerView> servers(ServiceSpec spec, long nowNanos);

    /**
     * Until when the answer holds if nobody calls the listener.
     *
     * @return nanoseconds from {@code nowNanos} on; {@link Long#MAX_VALUE} for ever
     */
    long validNanos(long nowNanos);

    /** The term of the leader that {@link #servers} goes by. */
    default Term term() {
        return Term.ENDLESS;
    }

    /**
     * For how long somebody leads.
     *
     * @param leader the member; empty when nobody does, or when that is not known
     * @param epoch zero when nobody counts them
     * @param deadlineNanos on the gateway's monotonic clock; {@link Long#MAX_VALUE} for ever
     */
    record Term(String leader, long epoch, long deadlineNanos) {
        public static final Term ENDLESS = new Term("", 0, Long.MAX_VALUE);
    }

    /** Called on any thread whenever the answer may differ; must return at once. */
    void onChange(Runnable listener);

    /** The services that will be asked for. */
    default void watch(List<ServiceSpec> specs) {}

    @Override
    void close();
}
