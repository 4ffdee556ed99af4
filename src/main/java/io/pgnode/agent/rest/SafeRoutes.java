package io.pgnode.agent.rest;

import io.pgnode.cluster.DynamicConfig;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.MetricSource;
import java.util.Map;

/**
 * Answers GET, HEAD and OPTIONS from a snapshot alone: no SQL, no DCS, no waiting.
 *
 * <p>A path is served by its first segment; everything else is a health check, as in Patroni.
 */
final class SafeRoutes {
    private final PatroniJson documents;
    private final JsonText json;
    private final MetricSource counters;

    /**
     * @param counters what the agent counts besides the snapshot
     */
    SafeRoutes(PatroniJson documents, JsonText json, MetricSource counters) {
        this.documents = documents;
        this.json = json;
        this.counters = counters;
    }

    Answer answer(Target target, NodeStatus node) {
        return switch (target.firstSegment()) {
            case "patroni" -> Answer.json(200, documents.status(node));
            case "cluster" ->
                    Answer.json(200, documents.cluster(node.snapshot(), node.isStandbyCluster()));
            case "history" -> Answer.json(200, documents.history(node.view().history()));
            case "config" -> config(node);
            case "failsafe" -> failsafe(node);
            case "metrics" -> metrics(node);
            case "liveness" -> Answer.empty(HealthCheck.liveness(node));
            case "readiness" -> Answer.empty(HealthCheck.readiness(target, node));
            default -> Answer.json(HealthCheck.status(target, node), documents.status(node));
        };
    }

    private Answer config(NodeStatus node) {
        DynamicConfig config = node.view().config();
        return config == null
                ? Answer.text(502, "there is no dynamic configuration yet")
                : Answer.json(200, json.reprint(config.json()));
    }

    private Answer failsafe(NodeStatus node) {
        return node.settings().failsafeMode()
                ? Answer.json(200, documents.failsafe(node.view().failsafe()))
                : Answer.text(502, "failsafe_mode is not enabled");
    }

    private Answer metrics(NodeStatus node) {
        Exposition out = new Exposition();
        PatroniMetrics.write(node, out);
        counters.writeTo(out);
        return new Answer(200, Exposition.CONTENT_TYPE, out.text(), Map.of());
    }
}
