package io.pgnode.agent.rest;

import io.pgnode.cluster.InstanceView;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.Labels;
import io.pgnode.metrics.MetricType;
import java.util.List;

/** Patroni's metrics, which dashboards and alerts are built on, and the agent's own. Pure. */
final class PatroniMetrics {
    /** The Patroni whose interface this is: 4.1.0 as its own metric prints it. */
    private static final long INTERFACE_VERSION = 40100;

    /** Patroni's numbering: a state's index here is the metric's value. */
    private static final List<String> STATES =
            List.of(
                    "initializing new cluster",
                    "initdb failed",
                    "running custom bootstrap script",
                    "custom bootstrap failed",
                    "creating replica",
                    "running",
                    "starting",
                    "starting after custom bootstrap",
                    "start failed",
                    "restarting",
                    "restart failed",
                    "stopping",
                    "stopped",
                    "stop failed",
                    "crashed");

    private PatroniMetrics() {}

    static void write(NodeStatus node, Exposition out) {
        Labels labels =
                Labels.of("scope", node.snapshot().scope(), "name", node.local().self().value());
        new Writer(node, out, labels).writeAll();
    }

    /** {@code 5} for running; {@code -1} for a state that Patroni does not know. */
    static int stateNumber(String state) {
        return STATES.indexOf(state);
    }

    private record Writer(NodeStatus node, Exposition out, Labels labels) {
        void writeAll() {
            writeRoles();
            writePositions();
            writeCluster();
            writeOwn();
        }

        private void writeRoles() {
            InstanceView instance = node.instance();
            boolean running = node.isRunning();
            gauge("version", "Patroni interface version without periods.", INTERFACE_VERSION);
            flag("postgres_running", "Value is 1 if Postgres is running, 0 otherwise.", running);
            gauge(
                    "postmaster_start_time",
                    "Epoch seconds since Postgres started.",
                    instance.postmasterStartMillis() / 1000.0);
            flag(
                    "primary",
                    "Value is 1 if this node is the leader, 0 otherwise.",
                    HealthCheck.isPrimary(node));
            flag(
                    "standby_leader",
                    "Value is 1 if this node is the standby_leader, 0 otherwise.",
                    node.role().equals("standby_leader"));
            flag(
                    "replica",
                    "Value is 1 if this node is a replica, 0 otherwise.",
                    running && node.isReplica());
            flag(
                    "sync_standby",
                    "Value is 1 if this node is a sync standby, 0 otherwise.",
                    node.isSyncStandby());
            flag(
                    "quorum_standby",
                    "Value is 1 if this node is a quorum standby, 0 otherwise.",
                    node.isQuorumStandby());
        }

        private void writePositions() {
            InstanceView instance = node.instance();
            boolean standby = instance.inRecovery();
            counter(
                    "xlog_location",
                    "Current location of the Postgres transaction log, 0 if this node is not the"
                            + " leader.",
                    standby ? 0 : instance.flushLsn().value());
            counter(
                    "xlog_received_location",
                    "Current location of the received Postgres transaction log, 0 if this node is"
                            + " not a replica.",
                    standby ? instance.receiveLsn().value() : 0);
            counter(
                    "xlog_replayed_location",
                    "Current location of the replayed Postgres transaction log, 0 if this node is"
                            + " not a replica.",
                    standby ? instance.replayLsn().value() : 0);
            gauge(
                    "xlog_replayed_timestamp",
                    "Current timestamp of the replayed Postgres transaction log, 0 if null.",
                    standby ? instance.replayTimestampMillis() / 1000.0 : 0);
            flag(
                    "xlog_paused",
                    "Value is 1 if WAL replay is paused, 0 otherwise.",
                    standby && instance.replayPaused());
            flag(
                    "postgres_streaming",
                    "Value is 1 if Postgres is streaming, 0 otherwise.",
                    node.replicationState().equals("streaming"));
            flag(
                    "postgres_in_archive_recovery",
                    "Value is 1 if Postgres is replicating from archive, 0 otherwise.",
                    node.replicationState().equals("in archive recovery"));
            gauge(
                    "postgres_server_version",
                    "Version of Postgres (if running), 0 otherwise.",
                    node.isRunning() ? instance.serverVersion() : 0);
        }

        private void writeCluster() {
            flag(
                    "cluster_unlocked",
                    "Value is 1 if the cluster is unlocked, 0 if locked.",
                    node.isUnlocked());
            flag(
                    "failsafe_mode_is_active",
                    "Value is 1 if failsafe mode is active, 0 otherwise.",
                    node.snapshot().failsafeActive());
            flag(
                    "failsafe_mode_enabled",
                    "Value is 1 if failsafe mode is enabled, 0 otherwise.",
                    node.settings().failsafeMode());
            flag(
                    "failsafe_member",
                    "Value is 1 if this node is a member of the failsafe topology, 0 otherwise.",
                    node.view().failsafe().containsKey(node.local().self()));
            counter(
                    "postgres_timeline",
                    "Postgres timeline of this node (if running), 0 otherwise.",
                    node.isRunning() ? node.instance().timeline() : 0);
            gauge(
                    "dcs_last_seen",
                    "Epoch timestamp when DCS was last contacted successfully.",
                    (double) node.snapshot().dcsLastSeenSeconds());
            flag(
                    "pending_restart",
                    "Value is 1 if the node needs a restart, 0 otherwise.",
                    !node.snapshot().pendingRestart().isEmpty());
            flag(
                    "is_paused",
                    "Value is 1 if auto failover is disabled, 0 otherwise.",
                    node.isPaused());
            gauge(
                    "postgres_state",
                    "Numeric representation of Postgres state, 5 is running.",
                    stateNumber(node.state()));
            gauge(
                    "failover_priority",
                    "Failover priority of this node, 0 if it may not be promoted.",
                    node.local().tags().noFailover() ? 0 : node.local().tags().failoverPriority());
        }

        private void writeOwn() {
            own(
                    "epoch",
                    "Epoch of the leadership this member last knew of.",
                    (double) Math.max(node.view().epoch(), node.local().lease().epoch()));
            own(
                    "lease_remaining_seconds",
                    "Time until this member must have renewed its leader lease, 0 without one.",
                    node.isLeader()
                            ? (node.local().lease().deadlineNanos() - node.nowNanos()) / 1e9
                            : 0);
            own(
                    "dcs_age_seconds",
                    "Time since the DCS was last reached, -1 if never.",
                    age(node.snapshot().viewAgeNanos()));
            own(
                    "loop_age_seconds",
                    "Time since the last completed cycle, -1 before the first.",
                    age(node.snapshot().loopNanos()));
        }

        private double age(long nanos) {
            return nanos == 0 ? -1 : (node.nowNanos() - nanos) / 1e9;
        }

        private void own(String name, String help, double value) {
            out.family("pgnode_agent_" + name, MetricType.GAUGE, help).sample(labels, value);
        }

        private void flag(String name, String help, boolean value) {
            gauge(name, help, value ? 1 : 0);
        }

        private void gauge(String name, String help, double value) {
            out.family("patroni_" + name, MetricType.GAUGE, help).sample(labels, value);
        }

        private void counter(String name, String help, long value) {
            out.family("patroni_" + name, MetricType.COUNTER, help).sample(labels, value);
        }
    }
}
