package io.pgnode.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as one line of JSON. It carries of the view what a gateway needs: who leads since
 * which epoch, the members with their roles, positions and tags, the last position of the leader,
 * the lease, and whether something planned is under way. Thread-safe.
 */
final class SnapshotCodec {
    /** Ten times that of a cluster with a thousand members. */
    static final int MAX_LINE_BYTES = 4 << 20;

    private final ObjectMapper mapper = new ObjectMapper();

    String encode(ClusterSnapshot snapshot) {
        ClusterView view = snapshot.view();
        ObjectNode line = mapper.createObjectNode();
        line.put("revision", view.revision());
        line.put("epoch", view.epoch());
        line.put("deadline", snapshot.leaseDeadlineNanos());
        LeaderKey leader = view.leader();
        if (leader != null) {
            line.put("leader", leader.name().value());
            line.put("leader_since", leader.createRevision());
        }
        if (!view.status().optime().isNone()) {
            line.put("optime", view.status().optime().toString());
        }
        DynamicConfig config = view.config();
        if (config != null) {
            ObjectNode settings = line.putObject("config");
            settings.put("ttl_ms", config.ttl().toMillis());
            settings.put("loop_wait_ms", config.loopWait().toMillis());
            settings.put("pause", config.pause());
            settings.put("failsafe", config.failsafeMode());
        }
        SwitchoverRequest switchover = view.switchover();
        if (switchover != null) {
            encode(switchover, line.putObject("switchover"));
        }
        ArrayNode members = line.putArray("members");
        view.members().values().forEach(member -> encode(member, members.addObject()));
        return line.toString();
    }

    private static void encode(SwitchoverRequest request, ObjectNode out) {
        if (request.leader() != null) {
            out.put("leader", request.leader().value());
        }
        if (request.candidate() != null) {
            out.put("candidate", request.candidate().value());
        }
        if (request.scheduledAt() != null) {
            out.put("at", request.scheduledAt().toString());
        }
    }

    private static void encode(Member member, ObjectNode out) {
        out.put("name", member.name().value());
        HostPort postgres = member.postgres();
        if (postgres != null) {
            out.put("host", postgres.host());
            out.put("port", postgres.port());
        }
        out.put("api", member.apiUrl());
        out.put("role", member.role().text());
        out.put("state", member.state());
        out.put("version", member.version());
        lsn(out, "lsn", member.lsn());
        lsn(out, "receive", member.receiveLsn());
        lsn(out, "replay", member.replayLsn());
        out.put("timeline", member.timeline());
        if (!member.replicationState().isEmpty()) {
            out.put("replication", member.replicationState());
        }
        if (!member.tags().values().isEmpty()) {
            ObjectNode tags = out.putObject("tags");
            member.tags().values().forEach(tags::put);
        }
    }

    private static void lsn(ObjectNode out, String field, Lsn value) {
        if (!value.isNone()) {
            out.put(field, value.toString());
        }
    }

    /**
     * @throws IOException when it is not a snapshot
     */
    ClusterSnapshot decode(String line) throws IOException {
        try {
            JsonNode in = mapper.readTree(line);
            if (in == null || !in.isObject()) {
                throw new IOException("a snapshot must be a JSON object, was " + shorten(line));
            }
            return new ClusterSnapshot(view(in), whole(in, "deadline"));
        } catch (JsonProcessingException e) {
            throw new IOException("a snapshot is not JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new IOException("a snapshot cannot be read: " + e.getMessage(), e);
        }
    }

    private static String shorten(String line) {
        return line.length() <= 80 ? line : line.substring(0, 80) + "...";
    }

    private static ClusterView view(JsonNode in) {
        SortedMap<MemberName, Member> members = new TreeMap<>();
        for (JsonNode entry : in.path("members")) {
            Member member = member(entry);
            members.put(member.name(), member);
        }
        return new ClusterView(
                whole(in, "revision"),
                leader(in),
                whole(in, "epoch"),
                members,
                config(in.path("config")),
                null,
                new ClusterStatus(lsn(in, "optime"), Map.of(), List.of()),
                SyncState.NONE,
                switchover(in.path("switchover")),
                TimelineHistory.NONE,
                Map.of(),
                null,
                TimelineClaim.NONE,
                Suspension.NONE,
                null,
                List.of());
    }

    private static @Nullable LeaderKey leader(JsonNode in) {
        MemberName name = name(in, "leader");
        long since = in.path("leader_since").asLong();
        return name == null ? null : new LeaderKey(name, 0, since, since);
    }

    private static @Nullable SwitchoverRequest switchover(JsonNode in) {
        if (!in.isObject()) {
            return null;
        }
        String at = in.path("at").asText();
        return new SwitchoverRequest(
                name(in, "leader"),
                name(in, "candidate"),
                at.isEmpty() ? null : Instant.parse(at),
                0);
    }

    private static Member member(JsonNode in) {
        Map<String, String> tags = new TreeMap<>();
        in.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        String host = in.path("host").asText();
        return new Member(
                new MemberName(in.path("name").asText()),
                host.isEmpty() ? null : new HostPort(host, in.path("port").asInt()),
                in.path("api").asText(),
                MemberRole.parse(in.path("role").asText()),
                in.path("state").asText(),
                in.path("version").asText(),
                new Tags(tags),
                lsn(in, "lsn"),
                lsn(in, "receive"),
                lsn(in, "replay"),
                in.path("timeline").asInt(),
                in.path("replication").asText(),
                Map.of(),
                "",
                false,
                0,
                0);
    }

    private static @Nullable DynamicConfig config(JsonNode in) {
        if (!in.isObject()) {
            return null;
        }
        DynamicConfig other = DynamicConfig.DEFAULT;
        return new DynamicConfig(
                Duration.ofMillis(whole(in, "ttl_ms")),
                Duration.ofMillis(whole(in, "loop_wait_ms")),
                other.retryTimeout(),
                other.maximumLagOnFailover(),
                other.maximumLagOnSyncnode(),
                other.checkTimeline(),
                other.primaryStartTimeout(),
                other.primaryStopTimeout(),
                other.synchronousMode(),
                other.synchronousModeStrict(),
                other.synchronousNodeCount(),
                in.path("failsafe").asBoolean(),
                in.path("pause").asBoolean(),
                other.maxTimelinesHistory(),
                other.usePgRewind(),
                other.useSlots(),
                other.removeDataDirectoryOnRewindFailure(),
                other.removeDataDirectoryOnDivergedTimelines(),
                other.parameters(),
                other.pgHba(),
                other.pgIdent(),
                other.json(),
                0);
    }

    private static @Nullable MemberName name(JsonNode in, String field) {
        String text = in.path(field).asText();
        return text.isEmpty() ? null : new MemberName(text);
    }

    private static Lsn lsn(JsonNode in, String field) {
        String text = in.path(field).asText();
        return text.isEmpty() ? Lsn.NONE : Lsn.parse(text);
    }

    private static long whole(JsonNode in, String field) {
        JsonNode value = in.path(field);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException(field + " must be a whole number, was " + value);
        }
        return value.longValue();
    }
}
