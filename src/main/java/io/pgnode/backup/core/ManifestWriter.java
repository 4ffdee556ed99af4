package io.pgnode.backup.core;

import io.pgnode.backup.core.FileTable.Owner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes {@code backup.manifest}. */
final class ManifestWriter {
    private static final int BYTES_PER_FILE = 260;
    private static final int BYTES_BESIDES = 8192;

    /** What a file may inherit of the data directory's mode: nothing for others, no execution. */
    private static final int FILE_MODES = 0640;

    private final Manifest manifest;
    private final InfoWriter out;

    /** The data directory's: what others share with it is written once. */
    private final Owner base;

    private ManifestWriter(Manifest manifest) {
        this.manifest = manifest;
        this.out =
                new InfoWriter(
                        manifest.header().backrestVersion(),
                        (int)
                                Math.min(
                                        Integer.MAX_VALUE / 2,
                                        manifest.fileCount() * (long) BYTES_PER_FILE
                                                + BYTES_BESIDES));
        this.base = base(manifest);
    }

    static byte[] write(Manifest manifest) {
        return new ManifestWriter(manifest).write();
    }

    private static Owner base(Manifest manifest) {
        for (ManifestPath path : manifest.paths()) {
            if (path.name().equals(Manifest.PG_DATA)) {
                return new Owner(path.user(), path.group(), path.mode());
            }
        }
        return new Owner(null, null, 0700);
    }

    private byte[] write() {
        backup(manifest.header());
        database(manifest.database());
        options(manifest.options());
        targets();
        if (manifest.cipherPass() != null) {
            out.section("cipher").entry("cipher-pass", manifest.cipherPass());
        }
        databases();
        if (!manifest.annotation().isEmpty()) {
            out.section("metadata").entry("annotation", manifest.annotation());
        }
        files();
        links();
        paths();
        return out.end();
    }

    private void backup(ManifestHeader header) {
        out.section("backup")
                .entry("backup-archive-start", text(header.archiveStart()))
                .entry("backup-archive-stop", text(header.archiveStop()))
                .entry("backup-block-incr", header.blockIncremental() ? true : null)
                .entry("backup-bundle", header.bundle() ? true : null)
                .entry("backup-bundle-raw", header.bundleRaw() ? true : null)
                .entry("backup-label", header.label().text())
                .entry("backup-lsn-start", text(header.lsnStart()))
                .entry("backup-lsn-stop", text(header.lsnStop()))
                .entry("backup-prior", text(header.prior()))
                .entry(
                        "backup-reference",
                        header.reference() == null
                                ? null
                                : header.reference().stream()
                                        .map(BackupLabel::text)
                                        .collect(Collectors.joining(",")))
                .entry("backup-timestamp-copy-start", header.timestampCopyStart().getEpochSecond())
                .entry("backup-timestamp-start", header.timestampStart().getEpochSecond())
                .entry("backup-timestamp-stop", header.timestampStop().getEpochSecond())
                .entry("backup-type", header.type().text());
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private void database(DatabaseVersion database) {
        out.section("backup:db")
                .entry("db-catalog-version", database.catalogVersion())
                .entry("db-control-version", database.controlVersion())
                .entry("db-id", database.id())
                .entry("db-system-id", Long.parseUnsignedLong(database.systemId()))
                .entry("db-version", database.version());
    }

    private void options(ManifestOptions options) {
        CompressType compression = options.compressType();
        out.section("backup:option")
                .entry("option-archive-check", options.archiveCheck())
                .entry("option-archive-copy", options.archiveCopy())
                .entry("option-backup-standby", options.backupStandby())
                .entry("option-buffer-size", options.bufferSize())
                .entry("option-checksum-page", options.checksumPage())
                .entry("option-compress", options.compress())
                .entry("option-compress-level", options.compressLevel())
                .entry("option-compress-level-network", options.compressLevelNetwork())
                .entry("option-compress-type", compression == null ? null : compression.text())
                .entry("option-delta", options.delta())
                .entry("option-hardlink", options.hardlink())
                .entry("option-online", options.online())
                .entry("option-process-max", options.processMax());
    }

    private void targets() {
        Map<String, Object> lines = new LinkedHashMap<>();
        for (ManifestTarget target : manifest.targets()) {
            Map<String, Object> line = new LinkedHashMap<>();
            if (target.file() != null) {
                line.put("file", target.file());
            }
            line.put("path", target.path());
            if (target.tablespaceId() != 0) {
                line.put("tablespace-id", Long.toString(target.tablespaceId()));
            }
            if (target.tablespaceName() != null) {
                line.put("tablespace-name", target.tablespaceName());
            }
            line.put(
                    "type",
                    switch (target.type()) {
                        case PATH -> "path";
                        case LINK -> "link";
                    });
            lines.put(target.name(), line);
        }
        out.section("backup:target", lines);
    }

    private void databases() {
        Map<String, Object> lines = new LinkedHashMap<>();
        for (ManifestDatabase database : manifest.databases()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("db-id", database.id());
            line.put("db-last-system-id", database.lastSystemId());
            lines.put(database.name(), line);
        }
        out.section("db", lines);
    }

    private void files() {
        if (manifest.fileCount() == 0) {
            return;
        }
        Owner defaults = new Owner(base.user(), base.group(), base.mode() & FILE_MODES);
        out.section("target:file");
        for (int i = 0; i < manifest.fileCount(); i++) {
            ManifestFile file = manifest.file(i);
            int from = out.beginEntry();
            out.bytes().raw(file.name());
            int equals = out.beginValue();
            FileFields.write(file, defaults, out.bytes());
            out.endEntry(from, equals);
        }
        defaults("target:file:default", defaults.mode());
    }

    private void defaults(String section, int mode) {
        out.section(section).entry("group", Owners.nameValue(base.group()));
        if (mode >= 0) {
            out.entry("mode", Owners.modeText(mode));
        }
        out.entry("user", Owners.nameValue(base.user()));
    }

    private void links() {
        if (manifest.links().isEmpty()) {
            return;
        }
        out.section("target:link");
        for (ManifestLink link : manifest.links()) {
            int from = out.beginEntry();
            out.bytes().raw(link.name());
            int equals = out.beginValue();
            Members members = new Members(out.bytes());
            members.text("destination", link.destination());
            Owners.writeName("group", link.group(), base.group(), members);
            Owners.writeName("user", link.user(), base.user(), members);
            members.end();
            out.endEntry(from, equals);
        }
        defaults("target:link:default", -1);
    }

    private void paths() {
        if (manifest.paths().isEmpty()) {
            return;
        }
        out.section("target:path");
        for (ManifestPath path : manifest.paths()) {
            int from = out.beginEntry();
            out.bytes().raw(path.name());
            int equals = out.beginValue();
            Members members = new Members(out.bytes());
            Owners.writeName("group", path.group(), base.group(), members);
            Owners.writeMode(path.mode(), base.mode(), members);
            Owners.writeName("user", path.user(), base.user(), members);
            members.end();
            out.endEntry(from, equals);
        }
        defaults("target:path:default", base.mode());
    }
}
