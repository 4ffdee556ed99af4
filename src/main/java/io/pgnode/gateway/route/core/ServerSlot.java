package io.pgnode.gateway.route.core;

import io.pgnode.model.HostPort;

/**
 * A server of a service with the places its sessions hold. Belongs to its {@link Dispatcher}, and
 * is read under the same lock.
 */
public final class ServerSlot {
    private static final double PERCENT = 100;

    private final ServiceSpec.Limits limits;
    private final long slowStartNanos;
    ServerView view;
    ServerAdmin admin;
    int current;
    long credit;
    long changedNanos;
    long upSinceNanos;
    long downtimeNanos;
    long timesDown;
    boolean isGone;

    ServerSlot(ServiceSpec spec, ServerView view, ServerAdmin admin, long nowNanos) {
        this.limits = spec.limits();
        this.slowStartNanos = spec.times().slowStart().toNanos();
        this.view = view;
        this.admin = admin;
        this.changedNanos = nowNanos;
        // A server that is up when the gateway starts is warm.
        this.upSinceNanos = nowNanos - slowStartNanos;
    }

    public String name() {
        return view.name();
    }

    public ServerView view() {
        return view;
    }

    public ServerAdmin admin() {
        return admin;
    }

    public HostPort address() {
        HostPort changed = admin.address();
        return changed == null ? view.address() : changed;
    }

    /** 0..256. */
    public int weight() {
        return admin.weight() < 0 ? view.weight() : admin.weight();
    }

    /** Most sessions at once; zero for no limit. */
    public int connectionLimit() {
        return admin.connections() < 0 ? limits.serverConnections() : admin.connections();
    }

    /** Sessions now, with those that are connecting. */
    public int current() {
        return current;
    }

    public Condition condition() {
        Condition forced = admin.health();
        return forced == null ? view.condition() : forced;
    }

    /** The status HAProxy would show. */
    public ServerStatus status() {
        return switch (admin.state()) {
            case MAINT -> ServerStatus.MAINT;
            case DRAIN -> condition() == Condition.DOWN ? ServerStatus.DOWN : ServerStatus.DRAIN;
            case READY ->
                    switch (condition()) {
                        case UP -> ServerStatus.UP;
                        case DOUBTFUL -> ServerStatus.NOLB;
                        case DOWN -> ServerStatus.DOWN;
                    };
        };
    }

    boolean isRunning() {
        return !isGone
                && switch (status()) {
                    case UP, NOLB, DRAIN -> true;
                    case DOWN, MAINT -> false;
                };
    }

    /** Whether new sessions may go there, if it also has this condition. */
    boolean takes(Condition wanted) {
        return !isGone
                && admin.state() == AdminState.READY
                && condition() == wanted
                && weight() > 0;
    }

    boolean hasPlace(long nowNanos) {
        int limit = connectionLimit();
        if (limit == 0) {
            return true;
        }
        double share = throttle(nowNanos) / PERCENT;
        return current < Math.max(1, (int) (limit * share));
    }

    /** How much of its share it gets: 1..100 percent. */
    public int throttle(long nowNanos) {
        if (slowStartNanos == 0) {
            return (int) PERCENT;
        }
        double share = (double) (nowNanos - upSinceNanos) / slowStartNanos;
        return Math.max(1, (int) (PERCENT * Math.min(1, share)));
    }

    int effectiveWeight(long nowNanos) {
        return Math.max(1, weight() * throttle(nowNanos));
    }

    public long changedNanos() {
        return changedNanos;
    }

    /** How often it went down. */
    public long timesDown() {
        return timesDown;
    }

    public long downtimeNanos(long nowNanos) {
        return downtimeNanos + (isRunning() ? 0 : nowNanos - changedNanos);
    }

    void clearCounters() {
        timesDown = 0;
    }
}
