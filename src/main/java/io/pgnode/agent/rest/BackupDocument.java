package io.pgnode.agent.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.Labels;
import io.pgnode.metrics.MetricType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** A {@link BackupStatus} as JSON and as metrics. */
final class BackupDocument {
    private final JsonText json;
    private final InstantSource clock;

    BackupDocument(JsonText json, InstantSource clock) {
        this.json = json;
        this.clock = clock;
    }

    String print(BackupStatus status) {
        ObjectNode root = json.object();
        root.put("stanza", status.stanza());
        put(root, "seen", status.seen());
        BackupStatus.Running running = status.running();
        if (running == null) {
            root.putNull("running");
        } else {
            root.set("running", running(running));
        }
        ArrayNode last = root.putArray("last");
        status.last().forEach(each -> last.add(last(each)));
        BackupStatus.Archiver archiver = status.archiver();
        if (archiver == null) {
            root.putNull("archiver");
        } else {
            root.set("archiver", archiver(archiver));
        }
        return json.print(root);
    }

    private ObjectNode running(BackupStatus.Running running) {
        ObjectNode node = json.object();
        node.put("member", running.member());
        node.put("type", running.type());
        put(node, "slot", running.slot());
        put(node, "started", running.started());
        node.put("epoch", running.epoch());
        node.put("complete_bytes", running.complete());
        node.put("size_bytes", running.size());
        node.put("bytes_per_second", Math.round(running.bytesPerSecond()));
        Duration left = running.left();
        if (left.isZero()) {
            node.putNull("seconds_left");
        } else {
            node.put("seconds_left", left.toSeconds());
        }
        return node;
    }

    private ObjectNode last(BackupStatus.Last last) {
        ObjectNode node = json.object();
        node.put("type", last.type());
        node.put("result", last.result());
        node.put("member", last.member());
        put(node, "slot", last.slot());
        put(node, "started", last.started());
        put(node, "finished", last.finished());
        node.put(last.result().equals("failed") ? "error" : "label", last.text());
        put(node, "last_success", last.lastSuccess());
        return node;
    }

    private ObjectNode archiver(BackupStatus.Archiver archiver) {
        ObjectNode node = json.object();
        node.put("archived_count", archiver.archived());
        node.put("last_archived_wal", archiver.lastArchived());
        put(node, "last_archived_time", archiver.lastArchivedAt());
        node.put("failed_count", archiver.failed());
        node.put("last_failed_wal", archiver.lastFailed());
        put(node, "last_failed_time", archiver.lastFailedAt());
        if (archiver.ready() < 0) {
            node.putNull("ready_count");
        } else {
            node.put("ready_count", archiver.ready());
        }
        return node;
    }

    private static void put(ObjectNode node, String name, @Nullable Instant value) {
        node.put(name, value == null ? null : value.toString());
    }

    /** Bytes and the flag are those of this member's own backup, so that members add up. */
    void write(BackupStatus status, Labels labels, Exposition out) {
        BackupStatus.Running running = status.running();
        boolean isHere = running != null && running.isHere();
        gauge(out, "running", "Value is 1 while this member makes a backup, 0 otherwise.")
                .sample(labels, isHere ? 1L : 0L);
        gauge(out, "complete_bytes", "What the backup that this member makes has read.")
                .sample(labels, running != null && isHere ? running.complete() : 0L);
        gauge(out, "size_bytes", "What that backup reads in all; 0 while unknown.")
                .sample(labels, running != null && isHere ? running.size() : 0L);
        gauge(
                out,
                "last_timestamp_seconds",
                "When the cluster's last backup of this type that is done began, or the last one"
                        + " that failed ended.");
        for (BackupStatus.Last each : status.last()) {
            Labels typed = labels.with("type", each.type());
            time(out, typed.with("result", "done"), each.lastSuccess());
            time(out, typed.with("result", "failed"), each.lastFailure());
        }
        Instant seen = status.seen();
        gauge(out, "dcs_age_seconds", "Time since the DCS last told about backups; -1 if never.")
                .sample(
                        labels,
                        seen == null ? -1 : seconds(Duration.between(seen, clock.instant())));
        BackupStatus.Archiver archiver = status.archiver();
        if (archiver != null) {
            write(archiver, labels, out);
        }
    }

    private static void write(BackupStatus.Archiver archiver, Labels labels, Exposition out) {
        out.family(
                        "pgnode_backup_wal_archived_total",
                        MetricType.COUNTER,
                        "WAL files that the server's archiver has archived.")
                .sample(labels, archiver.archived());
        out.family(
                        "pgnode_backup_wal_failed_total",
                        MetricType.COUNTER,
                        "Attempts of the server's archiver that failed.")
                .sample(labels, archiver.failed());
        gauge(out, "wal_last_archived_timestamp_seconds", "When the last file was archived.");
        time(out, labels, archiver.lastArchivedAt());
        gauge(out, "wal_last_failed_timestamp_seconds", "When the last attempt failed.");
        time(out, labels, archiver.lastFailedAt());
        if (archiver.ready() >= 0) {
            gauge(out, "wal_ready_files", "WAL files that wait to be archived.")
                    .sample(labels, (long) archiver.ready());
        }
    }

    private static Exposition gauge(Exposition out, String name, String help) {
        return out.family("pgnode_backup_" + name, MetricType.GAUGE, help);
    }

    private static void time(Exposition out, Labels labels, @Nullable Instant at) {
        if (at != null) {
            out.sample(labels, at.toEpochMilli() / 1000.0);
        }
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
