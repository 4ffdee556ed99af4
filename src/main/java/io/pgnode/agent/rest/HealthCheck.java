package io.pgnode.agent.rest;

import io.pgnode.model.ByteSize;
import io.pgnode.model.Lsn;
import java.util.Map;

/**
 * The status code of each health check: 200 when the member is what the path asks for, else 503.
 * Pure.
 *
 * <p>Paths are matched as Patroni matches them, because load balancers depend on it: by what they
 * contain, in the order of {@link #status}, and only the synchronous ones by their exact names.
 */
final class HealthCheck {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private HealthCheck() {}

    /** {@code /}, {@code /primary}, {@code /replica?lag=16MB} and so on; unknown paths are 503. */
    static int status(Target target, NodeStatus node) {
        String path = target.path().equals("/") ? "/primary" : target.path();
        if (path.contains("standby_leader") || path.contains("standby-leader")) {
            return code(isStandbyLeader(node));
        }
        if (path.contains("leader")) {
            return code(isLeader(node));
        }
        if (path.contains("master") || path.contains("primary") || path.contains("read-write")) {
            return code(isPrimary(node));
        }
        return code(isAsked(path, target, node) && tagsMatch(target, node));
    }

    private static boolean isAsked(String path, Target target, NodeStatus node) {
        if (path.contains("replica")) {
            return isReplica(target, node);
        }
        if (path.contains("read-only") && !path.contains("sync") && !path.contains("quorum")) {
            return isUpstream(node) || isReplica(target, node);
        }
        if (path.contains("health")) {
            return node.isRunning();
        }
        return switch (path) {
            case "/sync", "/synchronous" -> node.isSyncStandby() && isReplica(target, node);
            case "/quorum" -> node.isQuorumStandby() && isReplica(target, node);
            case "/async", "/asynchronous" -> isAsync(target, node);
            case "/read-only-sync", "/read-only-synchronous" ->
                    isUpstream(node) || node.isSyncStandby() && isReplica(target, node);
            case "/read-only-quorum" ->
                    isUpstream(node) || node.isQuorumStandby() && isReplica(target, node);
            default -> false;
        };
    }

    /** 200 while the agent's loop turns: within one lease on a leader, two on a replica. */
    static int liveness(NodeStatus node) {
        long turned = node.snapshot().loopNanos();
        long limit = node.settings().ttl().toNanos() * (node.isLeader() ? 1 : 2);
        return code(node.isPaused() || turned != 0 && node.nowNanos() - turned < limit);
    }

    /**
     * 200 on a leader, and on a standby that streams and lags no more than {@code lag}; {@code
     * mode=write} measures what it received instead of what it replayed.
     */
    static int readiness(Target target, NodeStatus node) {
        if (isUpstream(node)) {
            return OK;
        }
        if (!node.isReplica() || !node.isRunning() || !node.instance().streaming()) {
            return UNAVAILABLE;
        }
        if (node.isViewStale()) {
            return code(node.snapshot().failsafeActive());
        }
        boolean write = "write".equals(target.parameter("mode"));
        Lsn here = write ? node.instance().position() : node.instance().replayLsn();
        long allowed = lag(target, node.settings().maximumLagOnFailover());
        return code(node.leaderPosition().bytesAhead(here) <= allowed);
    }

    /**
     * Accepts writes, and is allowed to. Without a DCS a paused cluster is left as it is, so the
     * role alone decides.
     */
    static boolean isPrimary(NodeStatus node) {
        boolean allowed = node.isLeader() || node.isPaused() && node.isViewStale();
        return allowed
                && node.instance().isPrimary()
                && node.isMeantToRun()
                && !node.isStandbyCluster();
    }

    private static boolean isStandbyLeader(NodeStatus node) {
        return node.isLeader() && node.isStandbyCluster() && node.instance().isStandby();
    }

    private static boolean isLeader(NodeStatus node) {
        return node.isLeader() || isPrimary(node);
    }

    private static boolean isUpstream(NodeStatus node) {
        return isPrimary(node) || isStandbyLeader(node);
    }

    private static boolean isReplica(Target target, NodeStatus node) {
        if (!node.isReplica() || !node.isRunning() || node.local().tags().noLoadBalance()) {
            return false;
        }
        String replicationState = target.parameter("replication_state");
        if (replicationState != null && !replicationState.equals(node.replicationState())) {
            return false;
        }
        Lsn replayed = node.instance().replayLsn();
        return node.leaderPosition().bytesAhead(replayed) <= lag(target, Long.MAX_VALUE);
    }

    private static boolean isAsync(Target target, NodeStatus node) {
        return !node.isViewStale()
                && !node.isSyncStandby()
                && !node.isQuorumStandby()
                && isReplica(target, node);
    }

    /** {@code tag_zone=a}: the member must have the tag, with this value as text. */
    private static boolean tagsMatch(Target target, NodeStatus node) {
        Map<String, String> tags = node.visibleTags();
        for (Map.Entry<String, String> parameter : target.parameters().entrySet()) {
            if (parameter.getKey().startsWith("tag_")
                    && !parameter.getValue().equals(tags.get(parameter.getKey().substring(4)))) {
                return false;
            }
        }
        return true;
    }

    /** The {@code lag} parameter in bytes; one that cannot be read counts as absent. */
    private static long lag(Target target, long otherwise) {
        String text = target.parameter("lag");
        if (text == null) {
            return otherwise;
        }
        if (text.startsWith("-")) {
            return -1; // nothing lags less than nothing
        }
        try {
            return ByteSize.parse(text).bytes();
        } catch (IllegalArgumentException e) {
            return otherwise;
        }
    }

    private static int code(boolean matches) {
        return matches ? OK : UNAVAILABLE;
    }
}
