package io.pgnode.dcs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterStatus;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncState;
import io.pgnode.cluster.Tags;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.dcs.Dcs.KeyValue;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.math.BigInteger;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cluster records as Patroni writes them in the DCS (read: versions 2 to 4), and our own keys.
 *
 * <p>Decoders throw {@link IllegalArgumentException} with one sentence when the value as a whole
 * makes no sense; single fields of the wrong type count as absent, since other tools add and change
 * them. The dynamic configuration is read by {@link ConfigCodec}.
 */
public final class ClusterCodec {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ClusterCodec() {}

    // Members

    /** Patroni's member JSON. Empty, zero and null components are left out. */
    public static String encodeMember(Member member) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (member.postgres() != null) {
            json.put("conn_url", "postgres://" + member.postgres() + "/postgres");
        }
        putText(json, "api_url", member.apiUrl());
        putText(json, "state", member.state());
        json.put("role", member.role().text());
        putText(json, "version", member.version());
        if (!member.tags().values().isEmpty()) {
            ObjectNode tags = json.putObject("tags");
            member.tags().values().forEach((name, value) -> tags.set(name, scalar(value)));
        }
        putLsn(json, "xlog_location", member.lsn());
        putLsn(json, "receive_lsn", member.receiveLsn());
        putLsn(json, "replay_lsn", member.replayLsn());
        if (member.timeline() > 0) {
            json.put("timeline", member.timeline());
        }
        putText(json, "replication_state", member.replicationState());
        if (!member.pendingRestart().isEmpty()) {
            json.put("pending_restart", true);
            ObjectNode reasons = json.putObject("pending_restart_reason");
            new TreeMap<>(member.pendingRestart())
                    .forEach(
                            (name, change) -> {
                                int arrow = change.indexOf(" -> ");
                                ObjectNode reason = reasons.putObject(name);
                                reason.put(
                                        "old_value", arrow < 0 ? "" : change.substring(0, arrow));
                                reason.put(
                                        "new_value",
                                        arrow < 0 ? change : change.substring(arrow + 4));
                            });
        }
        if (!member.scheduledRestart().isEmpty()) {
            json.set("scheduled_restart", object(member.scheduledRestart()));
        }
        if (member.paused()) {
            json.put("pause", true);
        }
        return json.toString();
    }

    static Member decodeMember(MemberName name, KeyValue pair) {
        ObjectNode json = object(pair.value());
        HostPort postgres = connUrl(text(json, "conn_url"));
        Lsn receive = lsn(json.path("receive_lsn"));
        Lsn replay = lsn(json.path("replay_lsn"));
        Lsn position = lsn(json.path("xlog_location"));
        JsonNode schedule = json.path("scheduled_restart");
        return new Member(
                name,
                postgres,
                text(json, "api_url"),
                MemberRole.parse(text(json, "role")),
                text(json, "state"),
                text(json, "version"),
                tags(json.path("tags")),
                position.isNone() ? Lsn.max(receive, replay) : position,
                receive,
                replay,
                timeline(json.path("timeline")),
                text(json, "replication_state"),
                pendingRestart(json),
                schedule.isObject() && !schedule.isEmpty() ? schedule.toString() : "",
                json.path("pause").asBoolean(false),
                pair.leaseId(),
                pair.modRevision());
    }

    /** {@code postgres://user:password@host:port/database?...}; null when it is not one. */
    private static @Nullable HostPort connUrl(String url) {
        if (url.isEmpty()) {
            return null;
        }
        try {
            String host = URI.create(url).getHost();
            int port = URI.create(url).getPort();
            if (host == null) {
                return null;
            }
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            return new HostPort(
                    bracketed ? host.substring(1, host.length() - 1) : host,
                    port == -1 ? 5432 : port);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Tags tags(JsonNode json) {
        Map<String, String> tags = new TreeMap<>();
        json.properties()
                .forEach(
                        tag -> {
                            JsonNode value = tag.getValue();
                            if (!value.isNull()) {
                                tags.put(
                                        tag.getKey(),
                                        value.isValueNode() ? value.asText() : value.toString());
                            }
                        });
        return new Tags(tags);
    }

    private static Map<String, String> pendingRestart(ObjectNode json) {
        if (!json.path("pending_restart").asBoolean(false)) {
            return Map.of();
        }
        Map<String, String> changes = new TreeMap<>();
        json.path("pending_restart_reason")
                .properties()
                .forEach(
                        reason ->
                                changes.put(
                                        reason.getKey(),
                                        reason.getValue().path("old_value").asText("")
                                                + " -> "
                                                + reason.getValue().path("new_value").asText("")));
        return changes.isEmpty() ? Map.of("parameters", "changed") : changes;
    }

    // Leader, epoch, initialize

    static LeaderKey decodeLeader(KeyValue pair) {
        return new LeaderKey(
                new MemberName(pair.value()),
                pair.leaseId(),
                pair.createRevision(),
                pair.modRevision());
    }

    static String encodeLeaderInfo(MemberName name, long epoch, long leaseId) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", name.value());
        json.put("epoch", epoch);
        json.put("lease", Long.toHexString(leaseId));
        return json.toString();
    }

    static long decodeEpoch(String value) {
        long epoch = wholeNumber(value, "epoch");
        if (epoch < 1 || !Long.toString(epoch).equals(value)) {
            throw new IllegalArgumentException("epoch must be 1 or more, was \"" + value + "\"");
        }
        return epoch;
    }

    static InitializeKey decodeInitialize(KeyValue pair) {
        if (!pair.value().isEmpty()) {
            wholeNumber(pair.value(), "system identifier");
        }
        return new InitializeKey(pair.value(), pair.leaseId(), pair.modRevision());
    }

    private static long wholeNumber(String value, String what) {
        try {
            return Long.parseUnsignedLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    what + " must be a whole number, was \"" + shorten(value) + "\"", e);
        }
    }

    // Status

    static String encodeStatus(ClusterStatus status) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("optime", number(status.optime()));
        if (!status.slots().isEmpty()) {
            ObjectNode slots = json.putObject("slots");
            new TreeMap<>(status.slots()).forEach((name, lsn) -> slots.set(name, number(lsn)));
        }
        if (!status.retainSlots().isEmpty()) {
            ArrayNode retain = json.putArray("retain_slots");
            status.retainSlots().forEach(retain::add);
        }
        return json.toString();
    }

    static ClusterStatus decodeStatus(String value) {
        JsonNode json = parse(value);
        if (json.isIntegralNumber()) {
            return new ClusterStatus(lsn(json), Map.of(), List.of());
        }
        if (!json.isObject()) {
            throw new IllegalArgumentException("must be a JSON object, was " + shorten(value));
        }
        Map<String, Lsn> slots = new HashMap<>();
        json.path("slots")
                .properties()
                .forEach(slot -> slots.put(slot.getKey(), lsn(slot.getValue())));
        slots.values().removeIf(Lsn::isNone);
        return new ClusterStatus(lsn(json.path("optime")), slots, texts(json.path("retain_slots")));
    }

    /** The key of older versions that holds the position alone. */
    static ClusterStatus decodeOptime(String value) {
        return new ClusterStatus(
                new Lsn(wholeNumber(value.strip(), "position")), Map.of(), List.of());
    }

    // Sync

    static String encodeSync(MemberName leader, Set<MemberName> standbys, int quorum) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("leader", leader.value());
        json.put(
                "sync_standby",
                standbys.isEmpty()
                        ? null
                        : new TreeSet<>(standbys)
                                .stream().map(MemberName::value).collect(Collectors.joining(",")));
        json.put("quorum", quorum);
        return json.toString();
    }

    static SyncState decodeSync(KeyValue pair) {
        ObjectNode json = object(pair.value());
        MemberName leader = memberOrNull(json.path("leader"));
        Set<MemberName> standbys = new TreeSet<>();
        JsonNode names = json.path("sync_standby");
        Collection<String> written =
                names.isArray() ? texts(names) : List.of(names.asText("").split(",", -1));
        for (String name : written) {
            if (MemberName.isValid(name.strip())) { // Patroni's placeholder for none is a name, too
                standbys.add(new MemberName(name.strip()));
            }
        }
        return new SyncState(
                leader,
                leader == null ? Set.of() : standbys,
                Math.max(0, json.path("quorum").asInt(0)),
                pair.modRevision());
    }

    // History

    static String encodeHistory(TimelineHistory history) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (TimelineHistory.Entry entry : history.entries()) {
            ArrayNode line = json.addArray();
            line.add(entry.timeline());
            line.add(number(entry.switchLsn()));
            line.add(entry.reason());
            if (!entry.timestamp().isEmpty() || !entry.newLeader().isEmpty()) {
                line.add(entry.timestamp());
            }
            if (!entry.newLeader().isEmpty()) {
                line.add(entry.newLeader());
            }
        }
        return json.toString();
    }

    static TimelineHistory decodeHistory(KeyValue pair) {
        JsonNode json = parse(pair.value());
        if (!json.isArray()) {
            throw new IllegalArgumentException("must be a JSON list, was " + shorten(pair.value()));
        }
        List<TimelineHistory.Entry> entries = new ArrayList<>();
        for (JsonNode line : json) {
            int timeline = timeline(line.path(0));
            if (timeline == 0 || !line.path(1).isIntegralNumber()) {
                throw new IllegalArgumentException(
                        "each line must be [timeline, position, reason, ...], was "
                                + shorten(line.toString()));
            }
            entries.add(
                    new TimelineHistory.Entry(
                            timeline,
                            lsn(line.path(1)),
                            line.path(2).asText(""),
                            line.path(3).asText(""),
                            line.path(4).asText("")));
        }
        return new TimelineHistory(entries, pair.modRevision());
    }

    // Switchover request

    static String encodeSwitchover(SwitchoverRequest request) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (request.leader() != null) {
            json.put("leader", request.leader().value());
        }
        if (request.candidate() != null) {
            json.put("member", request.candidate().value());
        }
        if (request.scheduledAt() != null) {
            json.put(
                    "scheduled_at",
                    DateTimeFormatter.ISO_OFFSET_DATE_TIME
                            .format(request.scheduledAt().atOffset(ZoneOffset.UTC))
                            .replace("Z", "+00:00"));
        }
        return json.toString();
    }

    /** Whether it asks for nothing: Patroni empties the key rather than deleting it. */
    static boolean isEmptySwitchover(String value) {
        return value.isBlank() || value.strip().equals("{}");
    }

    /** Null for the empty object, which stands for no request; so does the empty text. */
    static @Nullable SwitchoverRequest decodeSwitchover(KeyValue pair) {
        if (isEmptySwitchover(pair.value())) {
            return null;
        }
        ObjectNode json = object(pair.value());
        MemberName leader = memberOrNull(json.path("leader"));
        MemberName candidate =
                memberOrNull(json.has("member") ? json.path("member") : json.path("candidate"));
        String scheduledAt = text(json, "scheduled_at");
        if (leader == null && candidate == null && scheduledAt.isEmpty()) {
            return null;
        }
        return new SwitchoverRequest(
                leader,
                candidate,
                scheduledAt.isEmpty() ? null : instant(scheduledAt),
                pair.modRevision());
    }

    /** ISO 8601; without an offset it is UTC. */
    private static Instant instant(String text) {
        String iso = text.strip().replace(' ', 'T');
        try {
            boolean offset =
                    iso.endsWith("Z")
                            || iso.lastIndexOf('+') > 10
                            || iso.lastIndexOf('-') > 10; // after the date
            return offset
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "scheduled_at must be an ISO 8601 time, was \"" + shorten(text) + "\"", e);
        }
    }

    // Failsafe, handoff

    static String encodeFailsafe(Map<MemberName, String> members) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(members).forEach((name, url) -> json.put(name.value(), url));
        return json.toString();
    }

    static Map<MemberName, String> decodeFailsafe(String value) {
        Map<MemberName, String> members = new LinkedHashMap<>();
        object(value)
                .properties()
                .forEach(
                        member ->
                                members.put(
                                        new MemberName(member.getKey()),
                                        member.getValue().asText("")));
        return members;
    }

    static String encodeHandoff(Handoff handoff) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("from", handoff.from().value());
        json.put("to", handoff.to() == null ? null : handoff.to().value());
        json.put("epoch", handoff.epoch());
        json.put("shutdown_lsn", handoff.shutdownLsn().toString());
        json.put("reason", handoff.reason());
        return json.toString();
    }

    static Handoff decodeHandoff(String value) {
        ObjectNode json = object(value);
        MemberName from = memberOrNull(json.path("from"));
        if (from == null) {
            throw new IllegalArgumentException("\"from\" must be a member, was " + shorten(value));
        }
        return new Handoff(
                from,
                memberOrNull(json.path("to")),
                json.path("epoch").asLong(0),
                Lsn.parse(text(json, "shutdown_lsn")),
                text(json, "reason"));
    }

    // The claim of a timeline

    static String encodeClaim(MemberName member, long epoch, int timeline) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("timeline", timeline);
        json.put("member", member.value());
        json.put("epoch", epoch);
        return json.toString();
    }

    static TimelineClaim decodeClaim(KeyValue pair) {
        ObjectNode json = object(pair.value());
        JsonNode timeline = json.path("timeline");
        if (!timeline.canConvertToInt() || timeline.asInt() < 1) {
            throw new IllegalArgumentException(
                    "\"timeline\" must be a positive number, was " + shorten(pair.value()));
        }
        return new TimelineClaim(
                timeline.asInt(),
                memberOrNull(json.path("member")),
                json.path("epoch").asLong(0),
                pair.modRevision());
    }

    // Who may accept writes without a lease

    static String encodeSuspension(MemberName member, long epoch) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("member", member.value());
        json.put("epoch", epoch);
        return json.toString();
    }

    static Suspension decodeSuspension(KeyValue pair) {
        ObjectNode json = object(pair.value());
        MemberName member = memberOrNull(json.path("member"));
        if (member == null) {
            throw new IllegalArgumentException(
                    "\"member\" must be a member, was " + shorten(pair.value()));
        }
        return new Suspension(member, json.path("epoch").asLong(0), pair.modRevision());
    }

    // The recovery of the whole cluster

    static String encodeRecovery(ClusterRecovery recovery) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", recovery.id());
        json.put("leader", recovery.leader().value());
        json.put("step", recovery.step().name().toLowerCase(Locale.ROOT));
        json.put("timeline", recovery.timeline());
        ObjectNode target = json.putObject("target");
        new TreeMap<>(recovery.target()).forEach(target::put);
        if (!recovery.problem().isEmpty()) {
            json.put("problem", recovery.problem());
        }
        return json.toString();
    }

    /** For the schedule: it makes a full backup whose slot is the recovery's time. */
    static String encodeWantedBackup(ClusterRecovery recovery) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("since", instantOrEpoch(recovery.id()).toString());
        json.put("why", "the recovery " + recovery.id());
        return json.toString();
    }

    private static Instant instantOrEpoch(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    static ClusterRecovery decodeRecovery(KeyValue pair) {
        ObjectNode json = object(pair.value());
        MemberName leader = memberOrNull(json.path("leader"));
        String step = json.path("step").asText("").toUpperCase(Locale.ROOT);
        if (leader == null
                || Arrays.stream(ClusterRecovery.Step.values())
                        .noneMatch(known -> known.name().equals(step))) {
            throw new IllegalArgumentException(
                    "\"leader\" must be a member and \"step\" one of stop, restore, rebuild, was "
                            + shorten(pair.value()));
        }
        Map<String, String> target = new TreeMap<>();
        json.path("target")
                .properties()
                .forEach(e -> target.put(e.getKey(), e.getValue().asText()));
        return new ClusterRecovery(
                json.path("id").asText(""),
                leader,
                target,
                ClusterRecovery.Step.valueOf(step),
                json.path("timeline").asInt(0),
                json.path("problem").asText(""),
                pair.modRevision());
    }

    // Pieces of JSON

    static JsonNode parse(String value) {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("must be JSON, was " + shorten(value), e);
        }
    }

    static ObjectNode object(String value) {
        if (parse(value) instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException("must be a JSON object, was " + shorten(value));
    }

    private static String shorten(String value) {
        String line = value.replace('\n', ' ');
        return line.length() <= 60 ? line : line.substring(0, 57) + "...";
    }

    private static String text(ObjectNode json, String key) {
        JsonNode value = json.path(key);
        return value.isTextual() || value.isNumber() ? value.asText() : "";
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(
                value -> {
                    if (value.isTextual()) {
                        texts.add(value.asText());
                    }
                });
        return texts;
    }

    private static @Nullable MemberName memberOrNull(JsonNode value) {
        String name = value.isTextual() ? value.asText() : "";
        return name.isEmpty() ? null : new MemberName(name);
    }

    /** Positions are unsigned 64 bits; a negative or fractional number is none. */
    private static Lsn lsn(JsonNode value) {
        if (!value.isIntegralNumber()) {
            return Lsn.NONE;
        }
        BigInteger number = value.bigIntegerValue();
        return number.signum() < 0 || number.bitLength() > 64
                ? Lsn.NONE
                : new Lsn(number.longValue());
    }

    private static int timeline(JsonNode value) {
        return value.canConvertToInt() && value.isIntegralNumber()
                ? Math.max(0, value.intValue())
                : 0;
    }

    private static JsonNode number(Lsn lsn) {
        return lsn.value() >= 0
                ? JsonNodeFactory.instance.numberNode(lsn.value())
                : JsonNodeFactory.instance.numberNode(
                        new BigInteger(Long.toUnsignedString(lsn.value())));
    }

    private static void putText(ObjectNode json, String key, String value) {
        if (!value.isEmpty()) {
            json.put(key, value);
        }
    }

    private static void putLsn(ObjectNode json, String key, Lsn lsn) {
        if (!lsn.isNone()) {
            json.set(key, number(lsn));
        }
    }

    /** Tags are booleans and numbers in Patroni's JSON, not text. */
    private static JsonNode scalar(String value) {
        if (value.equals("true") || value.equals("false")) {
            return JsonNodeFactory.instance.booleanNode(value.equals("true"));
        }
        try {
            int number = Integer.parseInt(value);
            if (Integer.toString(number).equals(value)) {
                return JsonNodeFactory.instance.numberNode(number);
            }
        } catch (NumberFormatException e) {
            // text then
        }
        return JsonNodeFactory.instance.textNode(value);
    }
}
