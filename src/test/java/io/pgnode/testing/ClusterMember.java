package io.pgnode.testing;

/**
 * A member in the answer of GET /cluster.
 *
 * @param role leader, replica, sync_standby, …
 * @param state running, streaming, stopped, …
 */
public record ClusterMember(String name, String role, String state, long timeline) {
    public boolean isLeader() {
        return role.equals("leader") || role.equals("master");
    }

    /** Whether commits wait for it. */
    public boolean isSynchronous() {
        return role.equals("sync_standby");
    }

    /** Patroni 3.0 says "running" of a streaming standby, later ones "streaming". */
    public boolean isUp() {
        return state.equals("running") || state.equals("streaming");
    }
}
