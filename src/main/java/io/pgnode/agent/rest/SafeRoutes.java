package io.pgnode.agent.rest;

import io.pgnode.cluster.DynamicConfig;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.Labels;
import io.pgnode.metrics.MetricSource;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers GET, HEAD and OPTIONS from a snapshot alone: no SQL, no DCS, no waiting.
 *
 * <p>A path is served by its first segment; everything else is a health check, as in Patroni.
 */
final class SafeRoutes {
    private final PatroniJson documents;
    private final BackupDocument backupDocument;
    private final JsonText json;
    private final MetricSource counters;
    private final Supplier<@Nullable BackupStatus> backups;

    /**
     * @param counters what the agent counts besides the snapshot
     * @param backups what is known of backups, at once; null where there is no repository
     */
    SafeRoutes(
            PatroniJson documents,
            BackupDocument backupDocument,
            JsonText json,
            MetricSource counters,
            Supplier<@Nullable BackupStatus> backups) {
        this.documents = documents;
        this.backupDocument = backupDocument;
        this.json = json;
        this.counters = counters;
        this.backups = backups;
    }

    Answer answer(Target target, NodeStatus node) {
        return switch (target.firstSegment()) {
            case "patroni" -> Answer.json(200, documents.status(node));
            case "cluster" ->
                    Answer.json(200, documents.cluster(node.snapshot(), node.isStandbyCluster()));
            case "history" -> Answer.json(200, documents.history(node.view().history()));
            case "config" -> config(node);
            case "backup" -> backup();
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

    private Answer backup() {
        BackupStatus known = backups.get();
        return known == null
                ? Answer.text(404, "no backup repository is configured on this node")
                : Answer.json(200, backupDocument.print(known));
    }

    private Answer metrics(NodeStatus node) {
        Exposition out = new Exposition();
        PatroniMetrics.write(node, out);
        counters.writeTo(out);
        BackupStatus known = backups.get();
        if (known != null) {
            backupDocument.write(
                    known,
                    Labels.of(
                            "scope", node.snapshot().scope(), "name", node.local().self().value()),
                    out);
        }
        return new Answer(200, Exposition.CONTENT_TYPE, out.text(), Map.of());
    }
}
