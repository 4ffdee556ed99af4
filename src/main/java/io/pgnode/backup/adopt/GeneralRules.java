package io.pgnode.backup.adopt;

import io.pgnode.backup.adopt.Adopter.Finding;
import io.pgnode.backup.adopt.Adopter.Values;
import io.pgnode.backup.core.CompressType;
import io.pgnode.model.ByteSize;
import java.util.Optional;

/** What becomes of options that are about no repository. */
final class GeneralRules {
    private static final int MAX_PROCESSES = 999;
    private static final String OF_RESTORE = "say it to pgnode restore when you need it";

    private final Values values;
    private final SectionText section;

    GeneralRules(Values values, SectionText section) {
        this.values = values;
        this.section = section;
    }

    Finding judge(BackrestOption option, String value) {
        if (option.isOfCluster()) {
            return ofCluster(option);
        }
        return switch (option.name()) {
            case "compress-type" -> compressType(value);
            case "compress" -> compress(value);
            case "compress-level" -> compressLevel(value);
            case "process-max" -> workers("backup.workers", value);
            case "lock-path" -> take("backup.lock-path", value);
            case "backup-standby" -> place(value);
            case "archive-timeout" -> pushDeadline(value);
            case "archive-get-queue-max" -> prefetch(value);
            case "archive-push-queue-max" ->
                    Finding.ignored("WAL is never thrown away here; watch the space of pg_wal");
            case "expire-auto" ->
                    value.equals("n")
                            ? Finding.otherForm(
                                    "everything is kept: the retention keys are left out, for"
                                            + " pgnode expires after each backup")
                            : Finding.ignored("pgnode expires after each backup");
            case "archive-async", "spool-path" ->
                    Finding.ignored("the archiver of pgnode works ahead without a spool");
            case "stanza" -> Finding.otherForm("backup.stanza");
            case "start-fast" ->
                    Finding.otherForm(
                            "a backup by hand starts at once, a scheduled one with the next"
                                    + " checkpoint");
            case "checksum-page", "page-header-check" ->
                    Finding.ignored("pages are always checked where the cluster has checksums");
            case "exclude" ->
                    Finding.ignored("everything is backed up, this too: " + printable(value));
            case "annotation" -> Finding.otherForm("pgnode backup annotate");
            case "log-level-console",
                    "log-level-file",
                    "log-level-stderr",
                    "log-path",
                    "log-subprocess",
                    "log-timestamp" ->
                    Finding.otherForm("the section log");
            case "db-include",
                    "db-exclude",
                    "tablespace-map",
                    "tablespace-map-all",
                    "link-all",
                    "link-map",
                    "recovery-option",
                    "archive-mode",
                    "target",
                    "target-action",
                    "target-exclusive",
                    "target-timeline",
                    "type",
                    "set" ->
                    Finding.otherForm(OF_RESTORE);
            case "delta", "resume", "stop-auto", "online", "force" ->
                    Finding.ignored("decided for each backup and restore");
            case "archive-check", "archive-mode-check", "archive-header-check" ->
                    Finding.ignored("always done");
            case "archive-copy" ->
                    Finding.ignored("WAL is in the archive; it is not copied into backups");
            case "archive-missing-retry", "manifest-save-threshold" ->
                    Finding.ignored("has no counterpart and needs none");
            case "buffer-size",
                    "cmd",
                    "cmd-ssh",
                    "compress-level-network",
                    "config",
                    "config-path",
                    "config-include-path",
                    "db-timeout",
                    "dry-run",
                    "io-timeout",
                    "job-retry",
                    "job-retry-interval",
                    "neutral-umask",
                    "output",
                    "priority",
                    "protocol-timeout",
                    "sck-block",
                    "sck-keep-alive",
                    "tcp-keep-alive-count",
                    "tcp-keep-alive-idle",
                    "tcp-keep-alive-interval" ->
                    Finding.ignored("is about how pgBackRest itself runs");
            case "tls-server-address",
                    "tls-server-auth",
                    "tls-server-ca-file",
                    "tls-server-cert-file",
                    "tls-server-key-file",
                    "tls-server-port" ->
                    Finding.ignored("nodes reach the repository themselves; no server is needed");
            default -> Finding.ignored("no option of pgBackRest that pgnode knows");
        };
    }

    /** Of a section for one command other than backup. */
    Finding ofCommand(String command, BackrestOption option, String value) {
        if (option.name().equals("process-max") && command.equals("archive-push")) {
            return workers("backup.archive.workers", value);
        }
        return switch (option.name()) {
            case "process-max" ->
                    Finding.otherForm(
                            command.equals("archive-get")
                                    ? "backup.archive.workers is for both ways of WAL"
                                    : "backup.workers is for backups and restores");
            case "compress-type", "compress-level" ->
                    Finding.otherForm("backup.compress is for backups and WAL");
            case "archive-get-queue-max" -> prefetch(value);
            case "archive-push-queue-max", "archive-async", "spool-path" -> judge(option, value);
            default ->
                    command.equals("restore")
                            ? Finding.otherForm(OF_RESTORE)
                            : Finding.ignored("counts for the command " + command + " alone");
        };
    }

    private static Finding ofCluster(BackrestOption option) {
        if (option.index() > 1 || option.name().startsWith("pg-host")) {
            return Finding.otherForm("the members of the cluster know each other");
        }
        return switch (option.name()) {
            case "pg-path" -> Finding.otherForm("postgresql.data-dir");
            case "pg-port" -> Finding.otherForm("postgresql.port");
            case "pg-socket-path", "pg-database" ->
                    Finding.otherForm("pgnode knows how to reach its own PostgreSQL");
            case "pg-user" -> Finding.otherForm("postgresql.superuser.username");
            default -> Finding.ignored("has no counterpart and needs none");
        };
    }

    private Finding take(String key, Object value) {
        section.put(key, value);
        return Finding.taken(key + ": " + value);
    }

    private Finding compressType(String value) {
        CompressType type;
        try {
            type = CompressType.parse(value);
        } catch (IllegalArgumentException e) {
            return Finding.refused(String.valueOf(e.getMessage()));
        }
        return type == CompressType.BZ2
                ? Finding.otherForm("bz2 is read, but not written; zst is written instead")
                : take("backup.compress.type", type.text());
    }

    private Finding compress(String value) {
        if (values.get("compress-type", 0) != null) {
            return Finding.ignored("compress-type counts");
        }
        return take("backup.compress.type", value.equals("n") ? "none" : "gz");
    }

    private Finding compressLevel(String value) {
        String type = values.get("compress-type", 0);
        if (type == null || type.equals("bz2") || type.equals("none")) {
            return Finding.ignored("is of another compression than the one in use");
        }
        Optional<Long> level = BackrestValues.number(value, -7, 22);
        return level.isEmpty() ? notA("level", value) : take("backup.compress.level", level.get());
    }

    private Finding workers(String key, String value) {
        Optional<Long> number = BackrestValues.number(value, 1, MAX_PROCESSES);
        return number.isEmpty() ? notA("number of processes", value) : take(key, number.get());
    }

    private Finding place(String value) {
        return switch (value) {
            case "y" -> take("backup.schedule.place", "standby");
            case "prefer" -> take("backup.schedule.place", "prefer-standby");
            case "n" -> take("backup.schedule.place", "primary");
            default -> notA("y, prefer or n", value);
        };
    }

    private Finding pushDeadline(String value) {
        Optional<Long> millis = BackrestValues.millis(value);
        return millis.isEmpty()
                ? notA("time", value)
                : take("backup.archive.push-deadline", millis.get() + "ms");
    }

    private Finding prefetch(String value) {
        Optional<Long> size = BackrestValues.size(value);
        return size.isEmpty()
                ? notA("size", value)
                : take("backup.archive.prefetch", new ByteSize(size.get()).toString());
    }

    private static Finding notA(String what, String value) {
        return Finding.refused("is no " + what + ": " + printable(value));
    }

    static String printable(String value) {
        return "\"" + value + "\"";
    }
}
