package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.ManifestLink;
import io.pgnode.backup.core.ManifestPath;
import io.pgnode.backup.core.ManifestTarget;
import io.pgnode.backup.engine.core.CopyList;
import io.pgnode.backup.engine.core.RelationName;
import io.pgnode.postgres.DatabaseFacts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Lists a data directory with its tablespaces and links. One thread at a time. */
final class DataLister {
    private static final int TYPE_BITS = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int PERMISSIONS = 07777;

    private final Path dataDirectory;
    private final CopyList copyList;
    private final Map<Long, DatabaseFacts.Tablespace> tablespaces;

    private final List<ManifestFile> files = new ArrayList<>();
    private final List<ManifestPath> paths = new ArrayList<>();
    private final List<ManifestLink> links = new ArrayList<>();
    private final List<ManifestTarget> targets = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<Path, String> roots = new TreeMap<>();
    private final Map<Integer, Optional<String>> users = new HashMap<>();
    private final Map<Integer, Optional<String>> groups = new HashMap<>();
    private @Nullable ManifestFile control;

    /**
     * What was found.
     *
     * @param files without pg_control
     * @param control global/pg_control
     * @param warnings a sentence for each thing that stayed out unexpectedly
     */
    record Listing(
            List<ManifestFile> files,
            ManifestFile control,
            List<ManifestPath> paths,
            List<ManifestLink> links,
            List<ManifestTarget> targets,
            List<String> warnings) {}

    /** What the file system says of an entry. */
    private record Status(
            int mode, long size, Instant modified, @Nullable String user, @Nullable String group) {
        boolean is(int type) {
            return (mode & TYPE_BITS) == type;
        }

        int permissions() {
            return mode & PERMISSIONS;
        }
    }

    private DataLister(
            Path dataDirectory, CopyList copyList, List<DatabaseFacts.Tablespace> known) {
        this.dataDirectory = dataDirectory;
        this.copyList = copyList;
        this.tablespaces =
                known.stream()
                        .collect(
                                Collectors.toMap(
                                        DatabaseFacts.Tablespace::oid, Function.identity()));
    }

    static Listing list(DatabaseFacts facts) throws BackupException {
        CopyList copyList =
                new CopyList(
                        facts.majorVersion(),
                        "PG_" + facts.version() + "_" + facts.catalogVersion());
        DataLister lister = new DataLister(facts.dataDirectory(), copyList, facts.tablespaces());
        try {
            return lister.list();
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_OPEN,
                    "cannot list the data directory " + facts.dataDirectory() + ": " + reason(e),
                    null,
                    e);
        }
    }

    private Listing list() throws IOException, BackupException {
        targets.add(
                new ManifestTarget(
                        Manifest.PG_DATA,
                        ManifestTarget.Type.PATH,
                        dataDirectory.toString(),
                        null,
                        0,
                        null));
        Status root = status(dataDirectory, true);
        roots.put(dataDirectory.toRealPath(), Manifest.PG_DATA);
        path(Manifest.PG_DATA, root);
        directory(dataDirectory, "");
        if (control == null) {
            throw new BackupException(
                    BackrestExit.FILE_MISSING,
                    dataDirectory + " has no " + CopyList.CONTROL_FILE,
                    "is it the data directory of a PostgreSQL server?");
        }
        return new Listing(files, control, paths, links, targets, warnings);
    }

    private void directory(Path directory, String relative) throws IOException, BackupException {
        List<Path> entries = new ArrayList<>();
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path entry : stream) {
                entries.add(entry);
                names.add(FileNames.last(entry));
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            vanished(relative);
            return;
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        Set<String> skipped =
                CopyList.holdsRelations(relative) ? CopyList.skippedRelations(names) : Set.of();
        for (int i = 0; i < entries.size(); i++) {
            if (!skipped.contains(names.get(i))) {
                entry(entries.get(i), relative, names.get(i));
            }
        }
    }

    private void entry(Path entry, String parent, String name) throws IOException, BackupException {
        String relative = parent.isEmpty() ? name : parent + "/" + name;
        Status status;
        try {
            status = status(entry, false);
            if (copyList.isSkipped(parent, name, status.is(DIRECTORY))) {
                return;
            }
            if (status.is(LINK)) {
                if (parent.equals(Manifest.PG_TBLSPC)) {
                    tablespace(entry, relative, name, status);
                } else {
                    link(entry, relative, status);
                }
                return;
            }
        } catch (NoSuchFileException e) {
            vanished(relative);
            return;
        }
        if (status.is(DIRECTORY)) {
            path(manifestName(relative), status);
            directory(entry, relative);
        } else if (status.is(REGULAR)) {
            file(relative, status);
        } else {
            warnings.add("skipped " + entry + ": not a file, directory or link");
        }
    }

    private void file(String relative, Status status) {
        ManifestFile file =
                ManifestFile.listed(
                        manifestName(relative),
                        status.size,
                        status.modified,
                        status.user,
                        status.group,
                        status.permissions());
        if (relative.equals(CopyList.CONTROL_FILE)) {
            control = file;
        } else {
            files.add(file);
        }
    }

    private void path(String name, Status status) {
        paths.add(new ManifestPath(name, status.user, status.group, status.permissions()));
    }

    private void tablespace(Path entry, String relative, String name, Status status)
            throws IOException, BackupException {
        if (!name.matches("[1-9]\\d{0,9}")) {
            throw new BackupException(
                    BackrestExit.TABLESPACE_MAP,
                    entry + " is a link whose name is not the number of a tablespace");
        }
        Path destination = Files.readSymbolicLink(entry);
        DatabaseFacts.Tablespace tablespace = tablespaces.get(Long.parseLong(name));
        if (tablespace == null) {
            warnings.add("skipped " + entry + ": the server knows no tablespace of that number");
            return;
        }
        if (!destination.isAbsolute()) {
            throw badLink(entry, destination, "it must be absolute");
        }
        Status target = destination(entry, destination, destination);
        if (!target.is(DIRECTORY)) {
            throw badLink(entry, destination, "it must be a directory");
        }
        if (targets.stream().noneMatch(it -> it.tablespaceId() != 0)) {
            path(Manifest.PG_TBLSPC, status(dataDirectory.resolve(Manifest.PG_TBLSPC), true));
        }
        targets.add(
                new ManifestTarget(
                        relative,
                        ManifestTarget.Type.LINK,
                        destination.toString(),
                        null,
                        tablespace.oid(),
                        tablespace.name()));
        links.add(
                new ManifestLink(
                        Manifest.PG_DATA + "/" + relative,
                        destination.toString(),
                        status.user,
                        status.group));
        path(relative, target);
        root(entry, destination, relative);
        directory(entry, relative);
    }

    private void link(Path entry, String relative, Status status)
            throws IOException, BackupException {
        Path text = Files.readSymbolicLink(entry);
        Path destination = entry.resolveSibling(text).normalize();
        Status target = destination(entry, text, destination);
        String name = manifestName(relative);
        boolean isDirectory = target.is(DIRECTORY);
        Path parent = text.getParent();
        targets.add(
                new ManifestTarget(
                        name,
                        ManifestTarget.Type.LINK,
                        isDirectory || parent == null ? text.toString() : parent.toString(),
                        isDirectory ? null : FileNames.last(text),
                        0,
                        null));
        links.add(new ManifestLink(name, text.toString(), status.user, status.group));
        if (isDirectory) {
            path(name, target);
            root(entry, destination, name);
            directory(entry, relative);
        } else if (target.is(REGULAR)) {
            file(relative, target);
        } else {
            throw badLink(entry, text, "it must be a file or a directory");
        }
    }

    private Status destination(Path link, Path text, Path destination)
            throws IOException, BackupException {
        Status target;
        try {
            target = status(destination, false);
        } catch (NoSuchFileException e) {
            throw badLink(link, text, "it does not exist");
        }
        if (target.is(LINK)) {
            throw badLink(link, text, "it must not be a link itself");
        }
        Path real = destination.toRealPath();
        if (real.startsWith(dataDirectory.toRealPath())) {
            throw badLink(link, text, "it must not be in the data directory");
        }
        return target;
    }

    /** Two links to the same directory, or to one inside the other, could not be restored. */
    private void root(Path link, Path destination, String name)
            throws IOException, BackupException {
        Path real = destination.toRealPath();
        for (Map.Entry<Path, String> other : roots.entrySet()) {
            if (real.startsWith(other.getKey()) || other.getKey().startsWith(real)) {
                throw badLink(
                        link,
                        destination,
                        "it is the directory of " + other.getValue() + ", or one inside the other");
            }
        }
        roots.put(real, name);
    }

    private static BackupException badLink(Path link, Path destination, String why) {
        return new BackupException(
                BackrestExit.LINK_DESTINATION,
                "destination " + destination + " of the link " + link + " cannot be used: " + why);
    }

    /** Relations come and go; anything else that does is worth a word. */
    private void vanished(String relative) {
        String name = relative.substring(relative.lastIndexOf('/') + 1);
        boolean isUsual = RelationName.parse(name).isPresent() || CopyList.holdsRelations(relative);
        if (!isUsual) {
            warnings.add(relative + " went away while it was listed");
        }
    }

    static String manifestName(String relative) {
        return relative.startsWith(Manifest.PG_TBLSPC + "/") && isTablespacePath(relative)
                ? relative
                : Manifest.PG_DATA + "/" + relative;
    }

    private static boolean isTablespacePath(String relative) {
        return Character.isDigit(relative.charAt(Manifest.PG_TBLSPC.length() + 1));
    }

    /** Where a file of a manifest is. */
    static Path physical(Path dataDirectory, String manifestName) {
        String prefix = Manifest.PG_DATA + "/";
        return FileNames.below(
                dataDirectory,
                manifestName.startsWith(prefix)
                        ? manifestName.substring(prefix.length())
                        : manifestName);
    }

    private Status status(Path path, boolean follow) throws IOException {
        LinkOption[] options =
                follow ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        Map<String, Object> all =
                Files.readAttributes(path, "unix:mode,size,lastModifiedTime,uid,gid", options);
        return new Status(
                number(all, "mode").intValue(),
                number(all, "size").longValue(),
                Instant.ofEpochSecond(
                        ((FileTime) java.util.Objects.requireNonNull(all.get("lastModifiedTime")))
                                .toInstant()
                                .getEpochSecond()),
                name(users, number(all, "uid").intValue(), path, options, true),
                name(groups, number(all, "gid").intValue(), path, options, false));
    }

    private static Number number(Map<String, Object> all, String key) {
        return (Number) java.util.Objects.requireNonNull(all.get(key));
    }

    private static @Nullable String name(
            Map<Integer, Optional<String>> known,
            int id,
            Path path,
            LinkOption[] options,
            boolean isUser)
            throws IOException {
        Optional<String> name = known.get(id);
        if (name == null) {
            PosixFileAttributes attributes =
                    Files.readAttributes(path, PosixFileAttributes.class, options);
            String text = isUser ? attributes.owner().getName() : attributes.group().getName();
            name = text.equals(String.valueOf(id)) ? Optional.empty() : Optional.of(text);
            known.put(id, name);
        }
        return name.orElse(null);
    }

    static String reason(IOException e) {
        if (e instanceof FileSystemException failed) {
            String reason = failed.getReason();
            return failed.getFile()
                    + ": "
                    + (reason == null ? e.getClass().getSimpleName() : reason);
        }
        return String.valueOf(e.getMessage());
    }
}
