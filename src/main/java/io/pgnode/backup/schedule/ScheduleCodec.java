package io.pgnode.backup.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.backup.schedule.core.WantedBackup;
import io.pgnode.dcs.Dcs.KeyValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of the keys of backups, as JSON. Fields that are not known are ignored. */
final class ScheduleCodec {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ScheduleCodec() {}

    static String encode(JobStates states) {
        ObjectNode root = JSON.createObjectNode();
        root.put("since", states.since().toString());
        states.jobs().forEach((type, state) -> root.set(type.text(), encode(state)));
        return root.toString();
    }

    private static ObjectNode encode(JobState state) {
        ObjectNode node = JSON.createObjectNode();
        put(node, "slot", state.slot());
        node.put("result", state.result().name().toLowerCase(Locale.ROOT));
        node.put("attempts", state.attempts());
        put(node, "started", state.started());
        put(node, "finished", state.finished());
        node.put("member", state.member());
        node.put("message", state.message());
        put(node, "last_success", state.lastSuccess());
        return node;
    }

    /**
     * @throws IllegalArgumentException when it cannot be read
     */
    static JobStates decodeStates(String text) {
        JsonNode root = parse(text);
        Map<BackupType, JobState> jobs = new EnumMap<>(BackupType.class);
        for (BackupType type : BackupType.values()) {
            JsonNode node = root.path(type.text());
            if (node.isObject()) {
                jobs.put(type, state(node));
            }
        }
        return new JobStates(required(root, "since"), jobs);
    }

    private static JobState state(JsonNode node) {
        return new JobState(
                instant(node, "slot"),
                JobState.Result.valueOf(
                        node.path("result").asText("none").toUpperCase(Locale.ROOT)),
                node.path("attempts").asInt(),
                instant(node, "started"),
                instant(node, "finished"),
                node.path("member").asText(),
                node.path("message").asText(),
                instant(node, "last_success"));
    }

    /**
     * @throws IllegalArgumentException when it cannot be read
     */
    static WantedBackup decodeWanted(String text) {
        JsonNode node = parse(text);
        return new WantedBackup(required(node, "since"), node.path("why").asText());
    }

    static String encode(LeaseHolder holder) {
        ObjectNode node = JSON.createObjectNode();
        node.put("member", holder.member());
        node.put("type", holder.type().text());
        put(node, "slot", holder.slot());
        put(node, "started", holder.started());
        node.put("epoch", holder.epoch());
        node.put("done", holder.doneBytes());
        node.put("total", holder.totalBytes());
        return node.toString();
    }

    /**
     * @throws IllegalArgumentException when it cannot be read
     */
    static LeaseHolder decodeHolder(KeyValue pair) {
        JsonNode node = parse(pair.value());
        return new LeaseHolder(
                node.path("member").asText(),
                BackupType.parse(node.path("type").asText()),
                instant(node, "slot"),
                required(node, "started"),
                node.path("epoch").asLong(),
                node.path("done").asLong(),
                node.path("total").asLong(),
                pair.leaseId(),
                pair.createRevision());
    }

    private static JsonNode parse(String text) {
        try {
            JsonNode root = JSON.readTree(text);
            if (root != null && root.isObject()) {
                return root;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("it is not a JSON object");
    }

    private static void put(ObjectNode node, String name, @Nullable Instant value) {
        if (value != null) {
            node.put(name, value.toString());
        }
    }

    private static Instant required(JsonNode node, String name) {
        Instant value = instant(node, name);
        if (value == null) {
            throw new IllegalArgumentException("it has no " + name);
        }
        return value;
    }

    private static @Nullable Instant instant(JsonNode node, String name) {
        String text = node.path(name).asText();
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(name + " is \"" + text + "\", no time", e);
        }
    }
}
