package io.pgnode.agent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.model.Lsn;
import java.util.Set;

/**
 * The question of a leader without a DCS, in the form that every member of the cluster understands.
 */
final class FailsafeBody {
    private FailsafeBody() {}

    static String json(AgentSettings settings, Set<String> slots, Lsn position) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("name", settings.self().value());
        body.put("conn_url", settings.connUrl());
        body.put("api_url", settings.apiUrl());
        ObjectNode positions = body.putObject("slots");
        slots.forEach(slot -> positions.put(slot, position.value()));
        return body.toString();
    }
}
