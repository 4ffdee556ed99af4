package io.pgnode.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One line of a benchmark's table. What could not be measured is null.
 *
 * @param must what has to hold; null when nothing is demanded
 * @param aim what we want to reach one day
 * @param judged which figure {@code must} and {@code aim} are about
 */
public record Measure(
        String measure,
        String unit,
        @Nullable Double ours,
        @Nullable Double peer,
        @Nullable Double must,
        @Nullable Double aim,
        Judged judged) {
    /** What is demanded of a measure. */
    public enum Judged {
        OURS_AT_MOST,
        RATIO_AT_MOST,
        RATIO_AT_LEAST
    }

    /** Ours must be at most as large as demanded. */
    public Measure(
            String measure,
            String unit,
            @Nullable Double ours,
            @Nullable Double peer,
            @Nullable Double must,
            @Nullable Double aim) {
        this(measure, unit, ours, peer, must, aim, Judged.OURS_AT_MOST);
    }

    static Measure oursAtMost(
            String measure,
            String unit,
            @Nullable Double ours,
            @Nullable Double peer,
            double must,
            double aim) {
        return new Measure(measure, unit, ours, peer, must, aim);
    }

    /** Ours divided by the peer's; null when one is missing or the peer's is 0. */
    public @Nullable Double ratio() {
        return ours == null || peer == null || peer == 0 ? null : ours / peer;
    }

    /** Whether it is as demanded; null when nothing is demanded. Not measured means no. */
    public @Nullable Boolean holds() {
        if (must == null) {
            return null;
        }
        Double ratio = ratio();
        return switch (judged) {
            case OURS_AT_MOST -> ours != null && ours <= must;
            case RATIO_AT_MOST -> ratio != null && ratio <= must;
            case RATIO_AT_LEAST -> ratio != null && ratio >= must;
        };
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
