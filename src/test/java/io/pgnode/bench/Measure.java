package io.pgnode.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One line of a benchmark's table; small is good. What could not be measured is null.
 *
 * @param must what has to hold; null when nothing is demanded
 * @param aim what we want to reach one day
 */
public record Measure(
        String measure,
        String unit,
        @Nullable Double ours,
        @Nullable Double peer,
        @Nullable Double must,
        @Nullable Double aim) {

    /** Ours divided by the peer's; null when one is missing or the peer's is 0. */
    public @Nullable Double ratio() {
        return ours == null || peer == null || peer == 0 ? null : ours / peer;
    }

    /** Whether ours is as demanded; null when nothing is demanded. Not measured means no. */
    public @Nullable Boolean holds() {
        return must == null ? null : Boolean.valueOf(ours != null && ours <= must);
    }

    /** The object of target/bench/NAME.json. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("measure", measure);
        json.put("unit", unit);
        json.put("ours", ours);
        json.put("peer", peer);
        json.put("ratio", ratio());
        json.put("must", must);
        json.put("aim", aim);
        json.put("holds", holds());
        return json;
    }
}
