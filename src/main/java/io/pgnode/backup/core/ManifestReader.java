package io.pgnode.backup.core;

import io.pgnode.backup.core.FileTable.Owner;
import io.pgnode.model.Lsn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code backup.manifest}. */
final class ManifestReader {
    private static final String KIND = Manifest.FILE;
    private static final String FILES = "target:file";

    private final FileTable files = new FileTable();
    private final Map<String, Map<String, @Nullable Object>> others = new LinkedHashMap<>();

    private ManifestReader() {}

    static Manifest read(byte[] file) throws FormatException {
        ManifestReader reader = new ManifestReader();
        String version = InfoReader.read(KIND, file, reader::entry);
        return reader.manifest(new InfoSections(KIND, version, reader.others));
    }

    private void entry(String section, String key, @Nullable Object value) throws FormatException {
        if (section.equals(FILES)) {
            InfoFields line = InfoFields.of(KIND, "[" + FILES + "] " + key, value);
            files.put(FileFields.read(key, line, Owner.DEFAULTS));
        } else {
            others.computeIfAbsent(section, _ -> new LinkedHashMap<>()).put(key, value);
        }
    }

    private Manifest manifest(InfoSections sections) throws FormatException {
        files.resolveOwners(defaults(sections.section("target:file:default"), 0600));
        return new Manifest(
                header(sections.version(), sections.section("backup")),
                database(sections.section("backup:db")),
                options(sections.section("backup:option")),
                sections.cipherPass(),
                sections.section("metadata").texts("annotation"),
                targets(sections.section("backup:target")),
                databases(sections.section("db")),
                paths(sections),
                links(sections),
                files.sorted());
    }

    private static Owner defaults(InfoFields section, int mode) throws FormatException {
        return new Owner(
                Owners.name(section, "user", null),
                Owners.name(section, "group", null),
                Owners.mode(section, mode));
    }

    private static ManifestHeader header(String version, InfoFields backup) throws FormatException {
        return new ManifestHeader(
                version,
                backup.parsed("backup-label", BackupLabel::new),
                backup.parsed("backup-type", BackupType::parse),
                backup.optionalParsed("backup-prior", BackupLabel::new),
                backup.optionalParsed("backup-reference", ManifestReader::references),
                backup.optionalParsed("backup-archive-start", WalSegment::parse),
                backup.optionalParsed("backup-archive-stop", WalSegment::parse),
                backup.optionalParsed("backup-lsn-start", Lsn::parse),
                backup.optionalParsed("backup-lsn-stop", Lsn::parse),
                backup.time("backup-timestamp-start"),
                backup.time("backup-timestamp-copy-start"),
                backup.time("backup-timestamp-stop"),
                backup.flag("backup-bundle", false),
                backup.flag("backup-bundle-raw", false),
                backup.flag("backup-block-incr", false));
    }

    private static List<BackupLabel> references(String text) {
        List<BackupLabel> labels = new ArrayList<>();
        for (String label : text.split(",", -1)) {
            labels.add(new BackupLabel(label));
        }
        return labels;
    }

    private static DatabaseVersion database(InfoFields db) throws FormatException {
        return new DatabaseVersion(
                db.integer("db-id"),
                db.text("db-version"),
                db.unsigned("db-system-id"),
                db.integer("db-catalog-version"),
                db.integer("db-control-version"));
    }

    private static ManifestOptions options(InfoFields option) throws FormatException {
        return new ManifestOptions(
                option.flag("option-archive-check"),
                option.flag("option-archive-copy"),
                option.optionalFlag("option-backup-standby"),
                option.optionalSize("option-buffer-size"),
                option.optionalFlag("option-checksum-page"),
                option.flag("option-compress"),
                option.has("option-compress-level")
                        ? Integer.valueOf((int) option.number("option-compress-level"))
                        : null,
                option.has("option-compress-level-network")
                        ? Integer.valueOf((int) option.number("option-compress-level-network"))
                        : null,
                option.optionalParsed("option-compress-type", CompressType::parse),
                option.optionalFlag("option-delta"),
                option.flag("option-hardlink"),
                option.flag("option-online"),
                option.optionalInteger("option-process-max"));
    }

    private static List<ManifestTarget> targets(InfoFields section) throws FormatException {
        List<ManifestTarget> targets = new ArrayList<>();
        for (String name : section.entries().keySet()) {
            InfoFields line = member(section, name);
            targets.add(
                    new ManifestTarget(
                            name,
                            line.text("type").equals("link")
                                    ? ManifestTarget.Type.LINK
                                    : ManifestTarget.Type.PATH,
                            line.text("path"),
                            line.optionalText("file"),
                            line.has("tablespace-id")
                                    ? line.parsed("tablespace-id", Long::parseLong)
                                    : 0,
                            line.optionalText("tablespace-name")));
        }
        return targets;
    }

    private static InfoFields member(InfoFields section, String name) throws FormatException {
        return InfoFields.of(KIND, section.place() + " " + name, section.entries().get(name));
    }

    private static List<ManifestDatabase> databases(InfoFields section) throws FormatException {
        List<ManifestDatabase> databases = new ArrayList<>();
        for (String name : section.entries().keySet()) {
            InfoFields line = member(section, name);
            databases.add(
                    new ManifestDatabase(name, line.size("db-id"), line.size("db-last-system-id")));
        }
        return databases;
    }

    private static List<ManifestPath> paths(InfoSections sections) throws FormatException {
        Owner defaults = defaults(sections.section("target:path:default"), 0700);
        InfoFields section = sections.section("target:path");
        List<ManifestPath> paths = new ArrayList<>();
        for (String name : section.entries().keySet()) {
            InfoFields line = member(section, name);
            paths.add(
                    new ManifestPath(
                            name,
                            Owners.name(line, "user", defaults.user()),
                            Owners.name(line, "group", defaults.group()),
                            Owners.mode(line, defaults.mode())));
        }
        return paths;
    }

    private static List<ManifestLink> links(InfoSections sections) throws FormatException {
        Owner defaults = defaults(sections.section("target:link:default"), 0);
        InfoFields section = sections.section("target:link");
        List<ManifestLink> links = new ArrayList<>();
        for (String name : section.entries().keySet()) {
            InfoFields line = member(section, name);
            links.add(
                    new ManifestLink(
                            name,
                            line.text("destination"),
                            Owners.name(line, "user", defaults.user()),
                            Owners.name(line, "group", defaults.group())));
        }
        return links;
    }
}
