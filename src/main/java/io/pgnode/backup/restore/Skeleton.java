package io.pgnode.backup.restore;

import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestLink;
import io.pgnode.backup.core.ManifestPath;
import io.pgnode.backup.storage.RawPaths;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The directories and links of a backup: makes those that are missing, removes what it does not
 * have. One thread.
 */
final class Skeleton {
    /** Links of tablespaces are made by us, maybe to elsewhere; the server would redo them. */
    static final String TABLESPACE_MAP = Manifest.PG_DATA + "/tablespace_map";

    private final Manifest manifest;
    private final Layout layout;
    private final Steps steps;

    /** By name relative to the data directory. */
    private final TreeMap<String, ManifestPath> directories = new TreeMap<>();

    private final Map<String, Layout.Link> links = new HashMap<>();

    /** The data directory itself; null when the manifest does not have it. */
    private final @Nullable ManifestPath root;

    /** What was not there at all, with directories above those of the backup. */
    private final List<Path> created = new ArrayList<>();

    Skeleton(Manifest manifest, Layout layout, Steps steps) {
        this.manifest = manifest;
        this.layout = layout;
        this.steps = steps;
        for (ManifestPath path : manifest.paths()) {
            // pg_data/pg_tblspc comes before pg_tblspc, which is the same.
            directories.putIfAbsent(Layout.relative(path.name()), path);
        }
        this.root = directories.remove(Manifest.PG_DATA);
        for (Layout.Link link : layout.links()) {
            links.put(Layout.relative(link.name()), link);
        }
    }

    /** Makes the data directory itself where it is missing. */
    void makeRoot() throws WriteFailure {
        makeDirectory(layout.dataDir());
    }

    /** Makes all directories and links. */
    void make(Ownership ownership) throws IOException {
        own(layout.dataDir(), ownership);
        for (Map.Entry<String, ManifestPath> entry : directories.entrySet()) {
            Layout.Link link = links.get(entry.getKey());
            Path path = RawPaths.resolve(layout.dataDir(), entry.getKey());
            if (link != null) {
                makeDirectory(link.destination());
                makeLink(path, link, ownership);
            } else {
                makeDirectory(path);
            }
            ManifestPath wanted = entry.getValue();
            ownership.apply(path, wanted.mode(), wanted.user(), wanted.group(), null);
        }
        for (Layout.Link link : layout.links()) {
            if (link.isFile()) {
                Path above = link.destination().getParent();
                if (above != null) {
                    makeDirectory(above);
                }
            }
        }
        for (Path path : created) {
            boolean isOfTheBackup = path.startsWith(layout.dataDir());
            if (!isOfTheBackup && !isDestination(path)) {
                own(path, ownership);
            }
        }
    }

    private boolean isDestination(Path path) {
        return layout.links().stream().anyMatch(link -> link.destination().equals(path));
    }

    /** Makes the links to files, when the files are there. */
    void makeFileLinks(Ownership ownership) throws IOException {
        for (Layout.Link link : layout.links()) {
            if (link.isFile()) {
                makeLink(layout.path(link.name()), link, ownership);
            }
        }
    }

    private void makeDirectory(Path path) throws WriteFailure {
        try {
            if (Files.isDirectory(path)) {
                return;
            }
            Path above = path.getParent();
            if (above != null) {
                makeDirectory(above);
            }
            steps.before("make directory " + path);
            Files.createDirectory(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            created.add(path);
        } catch (WriteFailure e) {
            throw e;
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    /** Whoever owns the data directory owns what is above tablespaces and links. */
    private void own(Path path, Ownership ownership) throws WriteFailure {
        if (root != null) {
            ownership.apply(path, root.mode(), root.user(), root.group(), null);
        }
    }

    private void makeLink(Path path, Layout.Link link, Ownership ownership) throws IOException {
        try {
            Path text = RawPaths.resolve(Path.of("/"), link.text().substring(1));
            text = link.text().startsWith("/") ? text : Path.of(link.text());
            boolean isRight =
                    Files.isSymbolicLink(path) && Files.readSymbolicLink(path).equals(text);
            if (!isRight) {
                steps.before("make link " + path);
                Files.deleteIfExists(path);
                Files.createSymbolicLink(path, text);
            }
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
        for (ManifestLink wanted : manifest.links()) {
            if (Layout.relative(wanted.name()).equals(Layout.relative(link.name()))) {
                ownership.applyToLink(path, wanted.user(), wanted.group());
            }
        }
    }

    /**
     * Removes everything that the backup does not have, or has as something else.
     *
     * @return how many entries
     */
    long sweep() throws IOException {
        Set<String> files = new HashSet<>(manifest.fileCount() * 2);
        manifest.files().forEach(file -> files.add(Layout.relative(file.name())));
        files.remove(Layout.relative(TABLESPACE_MAP));
        long removed = sweep(layout.dataDir(), "", files);
        for (Layout.Link link : layout.links()) {
            if (!link.isFile() && Files.isDirectory(link.filled())) {
                String name = Layout.relative(link.name());
                removed +=
                        sweep(
                                link.filled(),
                                (link.kept() == null ? name : name + "/" + link.kept()) + "/",
                                files);
            }
        }
        return removed;
    }

    private long sweep(Path directory, String prefix, Set<String> files) throws IOException {
        long removed = 0;
        for (Path entry : entries(directory)) {
            String name = prefix + RawPaths.name(entry);
            boolean isDirectory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
            if (isKept(name)) {
                continue;
            }
            if (Files.isSymbolicLink(entry)) {
                if (!isLinkOfOurs(name, entry)) {
                    removed += remove(entry);
                }
            } else if (isDirectory && directories.containsKey(name) && !links.containsKey(name)) {
                removed += sweep(entry, name + "/", files);
            } else if (isDirectory) {
                removed += removeTree(entry);
            } else if (!files.contains(name) || links.containsKey(name)) {
                removed += remove(entry);
            }
        }
        return removed;
    }

    /** The marker of the restore, and what file systems have at their roots. */
    private static boolean isKept(String name) {
        return name.equals(TargetDirectory.MARKER)
                || name.equals("lost+found")
                || name.endsWith("/lost+found");
    }

    private boolean isLinkOfOurs(String name, Path entry) throws IOException {
        Layout.Link link = links.get(name);
        return link != null
                && entry.resolveSibling(Files.readSymbolicLink(entry))
                        .normalize()
                        .equals(link.destination().normalize());
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            return java.util.stream.StreamSupport.stream(stream.spliterator(), false).toList();
        }
    }

    private long removeTree(Path directory) throws IOException {
        long removed = 0;
        for (Path entry : entries(directory)) {
            removed +=
                    Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                            ? removeTree(entry)
                            : remove(entry);
        }
        return removed + remove(directory);
    }

    private long remove(Path path) throws IOException {
        steps.before("remove " + path);
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
        return 1;
    }
}
