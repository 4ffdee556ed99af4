package io.pgnode.agent.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.agent.AgentSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/**
 * The JSON documents of the REST API, field by field as Patroni 4 prints them, with an object
 * {@code pgnode} of our own in {@code /patroni}. Pure.
 */
final class PatroniJson {
    private final String version;
    private final JsonText json;

    /**
     * @param version the agent's, such as {@code pgnode-0.1.0}
     */
    PatroniJson(String version, JsonText json) {
        this.version = version;
        this.json = json;
    }

    /** {@code GET /patroni}, and the body of each health check. */
    String status(NodeStatus node) {
        ObjectNode out = json.object();
        out.put("state", node.state());
        if (node.isRunning()) {
            putInstance(out, node);
        } else {
            out.put("role", node.role());
        }
        if (node.isUnlocked()) {
            out.put("cluster_unlocked", true);
        }
        if (node.snapshot().failsafeActive()) {
            out.put("failsafe_mode_is_active", true);
        }
        out.put("dcs_last_seen", node.snapshot().dcsLastSeenSeconds());
        putTags(out, node.visibleTags());
        if (!node.instance().systemId().isEmpty()) {
            out.put("database_system_identifier", node.instance().systemId());
        }
        putPendingRestart(out, node.snapshot().pendingRestart());
        putScheduledRestart(out, node.snapshot().scheduledRestart());
        if (out.get("scheduled_restart") instanceof ObjectNode restart) {
            restart.remove("postmaster_start_time"); // of use in the member key alone
        }
        if (node.local().watchdogFailed()) {
            out.put("watchdog_failed", true);
        }
        if (node.isPaused()) {
            out.put("pause", true);
        }
        ObjectNode patroni = out.putObject("patroni");
        patroni.put("version", version);
        patroni.put("scope", node.snapshot().scope());
        patroni.put("name", node.local().self().value());
        putOwn(out.putObject("pgnode"), node);
        return json.print(out);
    }

    private static void putInstance(ObjectNode out, NodeStatus node) {
        InstanceView instance = node.instance();
        out.put("postmaster_start_time", timestamp(instance.postmasterStartMillis()));
        out.put("role", node.role());
        out.put("server_version", instance.serverVersion());
        ObjectNode wal = out.putObject("xlog");
        if (instance.inRecovery()) {
            wal.put("received_location", instance.receiveLsn().value());
            wal.put("replayed_location", instance.replayLsn().value());
            if (instance.replayTimestampMillis() == 0) {
                wal.putNull("replayed_timestamp");
            } else {
                wal.put("replayed_timestamp", timestamp(instance.replayTimestampMillis()));
            }
            wal.put("paused", instance.replayPaused());
        } else {
            wal.put("location", instance.flushLsn().value());
        }
        if (node.isSyncStandby()) {
            out.put("sync_standby", true);
        }
        if (node.isQuorumStandby()) {
            out.put("quorum_standby", true);
        }
        out.put("timeline", instance.timeline());
        if (!node.replicationState().isEmpty()) {
            out.put("replication_state", node.replicationState());
        }
        if (!instance.replication().isEmpty()) {
            ArrayNode standbys = out.putArray("replication");
            instance.replication().forEach(standby -> putStandby(standbys.addObject(), standby));
        }
    }

    private static void putStandby(ObjectNode out, Standby standby) {
        out.put("usename", standby.userName());
        out.put("application_name", standby.applicationName());
        out.put("client_addr", standby.clientAddress());
        out.put("state", standby.state());
        out.put("sync_state", standby.syncState());
        out.put("sync_priority", standby.syncPriority());
    }

    private void putOwn(ObjectNode out, NodeStatus node) {
        out.put("version", version);
        out.put("epoch", node.local().lease().epoch());
        out.put("lease_valid", node.isLeader());
        out.put(
                "lease_remaining_ms",
                node.isLeader()
                        ? (node.local().lease().deadlineNanos() - node.nowNanos()) / 1_000_000
                        : 0);
        out.put("writable", HealthCheck.isPrimary(node));
        out.put("decision", node.snapshot().decision());
        out.put("task", node.snapshot().task());
    }

    /** {@code GET /cluster}. */
    String cluster(AgentSnapshot snapshot, boolean isStandbyCluster) {
        ClusterView view = snapshot.view();
        ObjectNode out = json.object();
        ArrayNode members = out.putArray("members");
        Member leader = view.leaderMember();
        Lsn leaderLsn =
                leader == null ? view.status().optime() : Lsn.max(leader.lsn(), optime(view));
        for (Member member : view.members().values()) {
            ObjectNode entry = members.addObject();
            boolean leads = view.isLeader(member.name());
            entry.put("name", member.name().value());
            entry.put("role", role(view, member, isStandbyCluster));
            entry.put("state", state(member));
            entry.put("api_url", member.apiUrl());
            HostPort address = member.postgres();
            if (address != null) {
                entry.put("host", address.host());
                entry.put("port", address.port());
            }
            if (member.timeline() > 0) {
                entry.put("timeline", member.timeline());
            }
            putPendingRestart(entry, member.pendingRestart());
            putScheduledRestart(entry, member.scheduledRestart());
            putTags(entry, NodeStatus.visibleTags(member.tags()));
            if (!leads) {
                putLag(entry, "receive_", member.receiveLsn(), leaderLsn);
                putLag(entry, "replay_", member.replayLsn(), leaderLsn);
                putLag(entry, "", member.lsn(), leaderLsn);
            }
        }
        out.put("scope", snapshot.scope());
        if (view.isPaused()) {
            out.put("pause", true);
        }
        SwitchoverRequest switchover = view.switchover();
        if (switchover != null) {
            putSwitchover(out, switchover);
        }
        return json.print(out);
    }

    private static Lsn optime(ClusterView view) {
        return view.status().optime();
    }

    private static String role(ClusterView view, Member member, boolean isStandbyCluster) {
        if (view.isLeader(member.name())) {
            return isStandbyCluster ? "standby_leader" : "leader";
        }
        SyncMode mode = view.settings().synchronousMode();
        if (mode != SyncMode.OFF && view.sync().standbys().contains(member.name())) {
            return mode == SyncMode.QUORUM ? "quorum_standby" : "sync_standby";
        }
        return "replica";
    }

    /** A running standby shows how it replicates. */
    private static String state(Member member) {
        return member.state().equals(NodeStatus.RUNNING) && !member.replicationState().isEmpty()
                ? member.replicationState()
                : member.state();
    }

    private static void putLag(ObjectNode out, String prefix, Lsn lsn, Lsn leader) {
        if (lsn.isNone()) {
            out.put(prefix + "lag", "unknown");
            out.put(prefix + "lsn", "unknown");
        } else {
            out.put(prefix + "lag", leader.bytesAhead(lsn));
            out.put(prefix + "lsn", lsn.toString());
        }
    }

    private static void putSwitchover(ObjectNode out, SwitchoverRequest request) {
        Instant at = request.scheduledAt();
        if (at == null) {
            return; // under way, not scheduled
        }
        ObjectNode scheduled = out.putObject("scheduled_switchover");
        scheduled.put("at", offsetTime(at));
        MemberName from = request.leader();
        if (from != null) {
            scheduled.put("from", from.value());
        }
        MemberName to = request.candidate();
        if (to != null) {
            scheduled.put("to", to.value());
        }
    }

    /** {@code GET /history}: a list of lists, the last two values only when they are known. */
    String history(TimelineHistory history) {
        ArrayNode out = json.object().arrayNode();
        for (TimelineHistory.Entry entry : history.entries()) {
            ArrayNode line = out.addArray();
            line.add(entry.timeline()).add(entry.switchLsn().value()).add(entry.reason());
            if (!entry.timestamp().isEmpty()) {
                line.add(entry.timestamp());
                if (!entry.newLeader().isEmpty()) {
                    line.add(entry.newLeader());
                }
            }
        }
        return json.print(out);
    }

    /** {@code GET /failsafe}: member names and their API URLs. */
    String failsafe(Map<MemberName, String> members) {
        ObjectNode out = json.object();
        members.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(member -> out.put(member.getKey().value(), member.getValue()));
        return json.print(out);
    }

    private static void putTags(ObjectNode out, Map<String, String> tags) {
        if (tags.isEmpty()) {
            return;
        }
        ObjectNode values = out.putObject("tags");
        tags.forEach((name, value) -> putTyped(values, name, value));
    }

    /** Tags are kept as text; booleans and whole numbers show as such. */
    private static void putTyped(ObjectNode out, String name, String value) {
        if (value.equals("true") || value.equals("false")) {
            out.put(name, value.equals("true"));
        } else if (value.matches("0|-?[1-9][0-9]{0,17}")) {
            out.put(name, Long.parseLong(value));
        } else {
            out.put(name, value);
        }
    }

    /** Changes come as "old -> new". */
    private static void putPendingRestart(ObjectNode out, Map<String, String> changes) {
        if (changes.isEmpty()) {
            return;
        }
        out.put("pending_restart", true);
        ObjectNode reasons = out.putObject("pending_restart_reason");
        changes.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(
                        change -> {
                            String[] values = change.getValue().split(" -> ", 2);
                            ObjectNode reason = reasons.putObject(change.getKey());
                            reason.put("old_value", values[0]);
                            reason.put("new_value", values.length > 1 ? values[1] : "");
                        });
    }

    private void putScheduledRestart(ObjectNode out, String text) {
        if (text.isEmpty()) {
            return;
        }
        try {
            if (json.parse(text) instanceof ObjectNode value) {
                out.set("scheduled_restart", value);
            }
        } catch (JsonProcessingException e) {
            // Show foreign text rather than hide that something is scheduled.
            out.put("scheduled_restart", text);
        }
    }

    /** {@code 2026-11-20 10:44:33.466000+00:00}. */
    static String timestamp(long millis) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSxxx", Locale.ROOT)
                .format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
    }

    private static String offsetTime(Instant instant) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT)
                .format(instant.atOffset(ZoneOffset.UTC));
    }
}
