package io.pgnode.agent.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.cluster.Tags;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads {@code /patroni} of another member: ours, Patroni 3 and Patroni 4. Pure. */
final class PeerStatus {
    private static final Set<String> PRIMARY_ROLES = Set.of("primary", "master", "promoted");

    /** States in which a primary's postmaster may accept writes now or by itself in a moment. */
    private static final Set<String> ALIVE = Set.of("running", "unknown", "starting", "restarting");

    private PeerStatus() {}

    /**
     * @param name whom we asked; somebody else's answer counts as none
     */
    static PeerAnswer parse(MemberName name, String body, JsonText json) {
        JsonNode answer;
        try {
            answer = json.parse(body);
        } catch (JsonProcessingException e) {
            return PeerAnswer.unreachable(name);
        }
        JsonNode patroni = answer.path("patroni");
        String answering = patroni.path("name").asText(name.value());
        if (!answer.path("state").isTextual() || !answering.equals(name.value())) {
            return PeerAnswer.unreachable(name);
        }
        String state = answer.path("state").asText();
        String role = answer.path("role").asText();
        JsonNode wal = answer.has("wal") ? answer.path("wal") : answer.path("xlog");
        long flushed = wal.path("location").asLong(0);
        boolean isPrimary = flushed != 0 || PRIMARY_ROLES.contains(role) && ALIVE.contains(state);
        Lsn standbyPosition =
                Lsn.max(
                        new Lsn(wal.path("received_location").asLong(0)),
                        new Lsn(wal.path("replayed_location").asLong(0)));
        Tags tags = tags(answer.path("tags"));
        JsonNode own = answer.path("pgnode");
        return new PeerAnswer(
                name,
                true,
                isPrimary,
                own.path("lease_valid").asBoolean(true),
                !isPrimary && state.equals("running"),
                answer.path("timeline").asInt(0),
                flushed != 0 ? new Lsn(flushed) : standbyPosition,
                tags.noFailover(),
                tags.failoverPriority(),
                answer.path("watchdog_failed").asBoolean(false),
                state,
                own.isObject() || patroni.path("version").asText().startsWith("pgnode-"));
    }

    private static Tags tags(JsonNode object) {
        Map<String, String> values = new TreeMap<>();
        object.properties()
                .forEach(
                        tag -> {
                            if (tag.getValue().isValueNode() && !tag.getValue().isNull()) {
                                values.put(tag.getKey(), tag.getValue().asText());
                            }
                        });
        return new Tags(values);
    }
}
