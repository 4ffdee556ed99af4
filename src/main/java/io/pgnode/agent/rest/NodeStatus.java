package io.pgnode.agent.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.agent.AgentSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.Tags;
import io.pgnode.ha.LocalState;
import io.pgnode.model.Lsn;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * This member at one moment, in the words of the REST API. Pure.
 *
 * @param nowNanos on the agent's boot-time clock
 */
record NodeStatus(AgentSnapshot snapshot, long nowNanos) {
    static final String RUNNING = "running";

    /** Flags that are not shown while they are off. */
    private static final Set<String> HIDDEN_WHEN_FALSE =
            Set.of("clonefrom", "nofailover", "noloadbalance", "nosync", "nostream");

    ClusterView view() {
        return snapshot.view();
    }

    LocalState local() {
        return snapshot.local();
    }

    InstanceView instance() {
        return snapshot.local().instance();
    }

    DynamicConfig settings() {
        return snapshot.view().settings();
    }

    /** Nothing was heard from the DCS for a whole lease: what it last said counts no more. */
    boolean isViewStale() {
        return snapshot.viewAgeNanos() == 0
                || nowNanos - snapshot.viewAgeNanos() > settings().ttl().toNanos();
    }

    /** Holds the leader key, by our own clock. */
    boolean isLeader() {
        return local().lease().isValid(nowNanos);
    }

    /** The cluster follows another one; its leader is a standby itself. */
    boolean isStandbyCluster() {
        String json = settings().json();
        if (!json.contains("\"standby_cluster\"")) {
            return false;
        }
        try {
            JsonNode standby = new ObjectMapper().readTree(json).path("standby_cluster");
            return standby.hasNonNull("host")
                    || standby.hasNonNull("port")
                    || standby.hasNonNull("restore_command");
        } catch (JsonProcessingException e) {
            return false; // foreign text under the config key: not a standby cluster
        }
    }

    /** PostgreSQL's state in Patroni's words; {@code unknown} when it does not answer queries. */
    String state() {
        String state = snapshot.memberState();
        if (!isRunningWord(state)) {
            return state;
        }
        return switch (instance().process()) {
            case RUNNING -> instance().answers() ? RUNNING : "unknown";
            case STARTING -> "starting";
            case STOPPING -> "stopping";
            case STOPPED -> "stopped";
        };
    }

    boolean isRunning() {
        return state().equals(RUNNING);
    }

    /** The agent wants PostgreSQL to run: it is not being stopped, started or fenced. */
    boolean isMeantToRun() {
        return isRunningWord(snapshot.memberState());
    }

    private static boolean isRunningWord(String state) {
        return state.equals(RUNNING)
                || state.equals("streaming")
                || state.equals("in archive recovery");
    }

    /** {@code primary}, {@code replica}, {@code standby_leader}, {@code demoted}, … */
    String role() {
        InstanceView instance = instance();
        if (instance.process() == ProcessState.STOPPED && instance.data() == DataState.EMPTY) {
            return "uninitialized";
        }
        if (instance.inRecovery()) {
            return isLeader() && isStandbyCluster() ? "standby_leader" : "replica";
        }
        // A stopped former primary must not look alive to members that run for leader.
        return instance.process() == ProcessState.STOPPED && !isLeader() ? "demoted" : "primary";
    }

    boolean isReplica() {
        return role().equals("replica");
    }

    /** {@code streaming}, {@code in archive recovery} or empty. */
    String replicationState() {
        if (!instance().isStandby()) {
            return "";
        }
        return instance().streaming() ? "streaming" : "in archive recovery";
    }

    boolean isSyncStandby() {
        return isListedStandby(SyncMode.ON);
    }

    boolean isQuorumStandby() {
        return isListedStandby(SyncMode.QUORUM);
    }

    private boolean isListedStandby(SyncMode mode) {
        return settings().synchronousMode() == mode
                && isReplica()
                && !isViewStale()
                && view().sync().standbys().contains(local().self());
    }

    boolean isPaused() {
        return view().isPaused();
    }

    boolean isUnlocked() {
        return isViewStale() || view().leader() == null;
    }

    /**
     * The furthest position that the leader is known to have reached: what it last published, or
     * what has arrived here since.
     */
    Lsn leaderPosition() {
        Lsn position = Lsn.max(view().status().optime(), instance().receiveLsn());
        Member leader = view().leaderMember();
        return leader == null ? position : Lsn.max(position, leader.lsn());
    }

    /** Tags as they are shown: flags that are off are left out. */
    Map<String, String> visibleTags() {
        return visibleTags(local().tags());
    }

    static Map<String, String> visibleTags(Tags tags) {
        Map<String, String> visible = new TreeMap<>(tags.values());
        visible.entrySet()
                .removeIf(
                        tag ->
                                HIDDEN_WHEN_FALSE.contains(tag.getKey())
                                        && tag.getValue().equalsIgnoreCase("false"));
        return visible;
    }
}
