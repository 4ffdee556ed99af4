package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code backup.manifest}: all that is known of a backup.
 *
 * <p>Immutable. Files are kept in columns, some 160 bytes each; a {@link ManifestFile} is made when
 * asked for.
 */
public final class Manifest {
    /** What the file is called. */
    public static final String FILE = "backup.manifest";

    /** The target that is the data directory, and what its files' names start with. */
    public static final String PG_DATA = "pg_data";

    /** What names of tablespaces' targets start with. */
    public static final String PG_TBLSPC = "pg_tblspc";

    /** The version of pgBackRest that our manifests say they are from. */
    public static final String BACKREST_VERSION = InfoWriter.VERSION;

    private final ManifestHeader header;
    private final DatabaseVersion database;
    private final ManifestOptions options;
    private final @Nullable String cipherPass;
    private final Map<String, String> annotation;
    private final List<ManifestTarget> targets;
    private final List<ManifestDatabase> databases;
    private final List<ManifestPath> paths;
    private final List<ManifestLink> links;
    private final FileTable files;

    /**
     * @param files sorted, and nobody else's
     */
    Manifest(
            ManifestHeader header,
            DatabaseVersion database,
            ManifestOptions options,
            @Nullable String cipherPass,
            Map<String, String> annotation,
            Collection<ManifestTarget> targets,
            Collection<ManifestDatabase> databases,
            Collection<ManifestPath> paths,
            Collection<ManifestLink> links,
            FileTable files) {
        this.header = header;
        this.database = database;
        this.options = options;
        this.cipherPass = cipherPass;
        SortedMap<String, String> annotations = new TreeMap<>(RawText.ORDER);
        annotations.putAll(annotation);
        this.annotation = Collections.unmodifiableSortedMap(annotations);
        this.targets = byName(targets, ManifestTarget::name);
        this.databases = byName(databases, ManifestDatabase::name);
        this.paths = byName(paths, ManifestPath::name);
        this.links = byName(links, ManifestLink::name);
        this.files = files;
    }

    private static <T> List<T> byName(Collection<T> things, Function<T, String> name) {
        return things.stream().sorted(Comparator.comparing(name, RawText.ORDER)).toList();
    }

    /**
     * @throws FormatException when it is damaged or not such a file
     */
    public static Manifest parse(byte[] file) throws FormatException {
        return ManifestReader.read(file);
    }

    /** The file, byte for byte as pgBackRest writes it. */
    public byte[] render() {
        return ManifestWriter.write(this);
    }

    public static Builder builder() {
        return new Builder(new FileTable());
    }

    /** A builder that has all of this. */
    public Builder toBuilder() {
        Builder builder = new Builder(files.sorted());
        builder.header(header)
                .database(database)
                .options(options)
                .cipherPass(cipherPass)
                .annotation(annotation);
        targets.forEach(builder::target);
        databases.forEach(builder::database);
        paths.forEach(builder::path);
        links.forEach(builder::link);
        return builder;
    }

    public ManifestHeader header() {
        return header;
    }

    public BackupLabel label() {
        return header.label();
    }

    /** Which cluster it is of. */
    public DatabaseVersion database() {
        return database;
    }

    public ManifestOptions options() {
        return options;
    }

    /** What this backup's files are encrypted with; null without encryption. */
    public @Nullable String cipherPass() {
        return cipherPass;
    }

    /** By name; the data directory is the first. */
    public List<ManifestTarget> targets() {
        return targets;
    }

    /** By name. */
    public List<ManifestDatabase> databases() {
        return databases;
    }

    public Map<String, String> annotation() {
        return annotation;
    }

    /** By name. */
    public List<ManifestPath> paths() {
        return paths;
    }

    /** By name. */
    public List<ManifestLink> links() {
        return links;
    }

    public int fileCount() {
        return files.count();
    }

    /**
     * @param index from 0, by name
     */
    public ManifestFile file(int index) {
        return files.get(Objects.checkIndex(index, files.count()));
    }

    /** All files, by name. */
    public Stream<ManifestFile> files() {
        return IntStream.range(0, files.count()).mapToObj(files::get);
    }

    public Optional<ManifestFile> find(String name) {
        return Optional.ofNullable(files.find(name));
    }

    /** All backups that hold files of this one, itself last. */
    public List<BackupLabel> references() {
        if (header.reference() != null) {
            return header.reference();
        }
        TreeSet<BackupLabel> labels = new TreeSet<>();
        files().map(ManifestFile::reference).filter(Objects::nonNull).forEach(labels::add);
        labels.remove(header.label());
        List<BackupLabel> all = new ArrayList<>(labels);
        all.add(header.label());
        return List.copyOf(all);
    }

    /** Whether pages with wrong checksums were found. */
    public boolean hasErrors() {
        return files().map(ManifestFile::pageCheck)
                .anyMatch(check -> check != null && !check.valid());
    }

    /** Its line for {@code backup.info}. */
    public BackupSummary summary() {
        return ManifestSummary.of(this);
    }

    /** Without what is in it. */
    @Override
    public String toString() {
        return "Manifest[" + header.label() + ", " + files.count() + " files]";
    }

    /**
     * Makes a manifest, or a changed one. One thread at a time. What comes twice by the same name
     * replaces the earlier one.
     *
     * <p>Names have no line feeds: pgBackRest cannot have such files either.
     */
    public static final class Builder {
        private @Nullable ManifestHeader header;
        private @Nullable DatabaseVersion database;
        private @Nullable ManifestOptions options;
        private @Nullable String cipherPass;
        private Map<String, String> annotation = Map.of();
        private final Map<String, ManifestTarget> targets = new TreeMap<>();
        private final Map<String, ManifestDatabase> databases = new TreeMap<>();
        private final Map<String, ManifestPath> paths = new TreeMap<>();
        private final Map<String, ManifestLink> links = new TreeMap<>();
        private final FileTable files;

        private Builder(FileTable files) {
            this.files = files;
        }

        /** Needed. */
        public Builder header(ManifestHeader changed) {
            header = changed;
            return this;
        }

        /** Needed. */
        public Builder database(DatabaseVersion changed) {
            database = changed;
            return this;
        }

        /** Needed. */
        public Builder options(ManifestOptions changed) {
            options = changed;
            return this;
        }

        public Builder cipherPass(@Nullable String pass) {
            cipherPass = pass;
            return this;
        }

        public Builder annotation(Map<String, String> changed) {
            annotation = Map.copyOf(changed);
            return this;
        }

        public Builder target(ManifestTarget target) {
            targets.put(checked(target.name()), target);
            return this;
        }

        public Builder database(ManifestDatabase added) {
            databases.put(checked(added.name()), added);
            return this;
        }

        public Builder path(ManifestPath path) {
            paths.put(checked(path.name()), path);
            return this;
        }

        public Builder link(ManifestLink link) {
            links.put(checked(link.name()), link);
            return this;
        }

        public Builder file(ManifestFile file) {
            checked(file.name());
            files.put(file);
            return this;
        }

        private static String checked(String name) {
            if (name.indexOf('\n') >= 0) {
                throw new IllegalArgumentException(
                        "a manifest cannot have a name with a line feed: \""
                                + name.replace("\n", "\\n")
                                + "\"");
            }
            return name;
        }

        public Builder removeFile(String name) {
            files.remove(name);
            return this;
        }

        public Builder removePath(String name) {
            paths.remove(name);
            return this;
        }

        public int fileCount() {
            return files.count();
        }

        public Optional<ManifestFile> find(String name) {
            return Optional.ofNullable(files.find(name));
        }

        /** What was given so far; the builder can go on afterwards. */
        public Manifest build() {
            return new Manifest(
                    needed(header, "header"),
                    needed(database, "database"),
                    needed(options, "options"),
                    cipherPass,
                    annotation,
                    targets.values(),
                    databases.values(),
                    paths.values(),
                    links.values(),
                    files.sorted());
        }

        private static <T> T needed(@Nullable T value, String what) {
            if (value == null) {
                throw new IllegalStateException("a manifest needs its " + what);
            }
            return value;
        }
    }
}
