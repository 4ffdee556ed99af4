package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.ManifestPath;
import io.pgnode.backup.core.ManifestTarget;
import io.pgnode.backup.restore.RestorePlan.Mapping;
import io.pgnode.backup.restore.RestorePlan.Problem;
import io.pgnode.backup.storage.RawPaths;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the parts of a backup come: the data directory, tablespaces, links. */
final class Layout {
    private static final String DATA_PREFIX = Manifest.PG_DATA + "/";

    /**
     * A symbolic link that is made, to outside of the data directory.
     *
     * @param name in the manifest: {@code pg_tblspc/16384}, {@code pg_data/pg_wal}
     * @param text what the link says
     * @param destination what it leads to, absolute
     * @param kept the only part of the destination that is ours; null for all of it
     */
    record Link(
            String name,
            String text,
            Path destination,
            boolean isFile,
            boolean isTablespace,
            @Nullable String kept) {
        /** The directory that the restore fills; for a file, the one that it is in. */
        Path filled() {
            return kept == null ? destination : destination.resolve(kept);
        }
    }

    private final Path dataDir;
    private final List<Link> links;
    private final List<Mapping> mappings;
    private final List<Problem> problems;

    private Layout(Path dataDir, List<Link> links, List<Mapping> mappings, List<Problem> problems) {
        this.dataDir = dataDir;
        this.links = List.copyOf(links);
        this.mappings = List.copyOf(mappings);
        this.problems = List.copyOf(problems);
    }

    static Layout of(Manifest manifest, RestoreRequest request) {
        return new Maker(manifest, request).make();
    }

    Path dataDir() {
        return dataDir;
    }

    List<Link> links() {
        return links;
    }

    List<Mapping> mappings() {
        return mappings;
    }

    List<Problem> problems() {
        return problems;
    }

    /** Where a file or directory of the manifest comes, through the links. */
    Path path(String manifestName) {
        if (manifestName.equals(Manifest.PG_DATA)) {
            return dataDir;
        }
        return RawPaths.resolve(dataDir, relative(manifestName));
    }

    /** The same relative to the data directory. */
    static String relative(String manifestName) {
        return manifestName.startsWith(DATA_PREFIX)
                ? manifestName.substring(DATA_PREFIX.length())
                : manifestName;
    }

    /** The name of the version's directory in a tablespace: {@code PG_15_202209061}. */
    static String versionDirectory(Manifest manifest) {
        return "PG_" + manifest.database().version() + "_" + manifest.database().catalogVersion();
    }

    /** Makes a layout, and says all that is wrong with the maps. */
    private static final class Maker {
        private final Manifest manifest;
        private final RestoreRequest request;
        private final List<Link> links = new ArrayList<>();
        private final List<Mapping> mappings = new ArrayList<>();
        private final List<Problem> problems = new ArrayList<>();
        private final Map<Path, String> destinations = new HashMap<>();
        private final Set<String> usedTablespaces = new HashSet<>();
        private final Set<String> usedLinks = new HashSet<>();

        Maker(Manifest manifest, RestoreRequest request) {
            this.manifest = manifest;
            this.request = request;
        }

        Layout make() {
            checkNames();
            for (ManifestTarget target : manifest.targets()) {
                if (target.type() == ManifestTarget.Type.PATH) {
                    continue;
                }
                if (target.tablespaceId() != 0) {
                    tablespace(target);
                } else {
                    link(target);
                }
            }
            unused(
                    request.tablespaceMap().keySet(),
                    usedTablespaces,
                    BackrestExit.TABLESPACE_MAP,
                    "tablespace");
            unused(request.linkMap().keySet(), usedLinks, BackrestExit.LINK_MAP, "link");
            return new Layout(request.dataDir(), links, mappings, problems);
        }

        /** What is written must come below the directories that are restored to. */
        private void checkNames() {
            Stream.of(
                            manifest.files().map(ManifestFile::name),
                            manifest.paths().stream().map(ManifestPath::name),
                            manifest.targets().stream().map(ManifestTarget::name))
                    .flatMap(names -> names)
                    .filter(name -> !isInside(name))
                    .limit(1)
                    .forEach(
                            name ->
                                    problems.add(
                                            new Problem(
                                                    BackrestExit.FORMAT,
                                                    "the manifest of backup "
                                                            + manifest.label()
                                                            + " has a name that leads elsewhere: "
                                                            + name,
                                                    null)));
        }

        private static boolean isInside(String name) {
            if (name.startsWith("/") || name.isEmpty()) {
                return false;
            }
            // Most names have no dots at all.
            if (name.indexOf('.') < 0 && !name.contains("//")) {
                return true;
            }
            for (String part : name.split("/", -1)) {
                if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                    return false;
                }
            }
            return true;
        }

        private void unused(Set<String> given, Set<String> used, BackrestExit exit, String what) {
            for (String name : given.stream().sorted().toList()) {
                if (!used.contains(name)) {
                    problems.add(
                            new Problem(
                                    exit,
                                    "backup " + manifest.label() + " has no " + what + " " + name,
                                    null));
                }
            }
        }

        private void tablespace(ManifestTarget target) {
            String id = Long.toString(target.tablespaceId());
            String name = target.tablespaceName() == null ? id : target.tablespaceName();
            Path to = request.tablespaceMap().get(name);
            usedTablespaces.add(name);
            if (to == null) {
                to = request.tablespaceMap().get(id);
                if (to != null) {
                    usedTablespaces.add(id);
                }
            }
            Path all = request.tablespaceMapAll();
            if (to == null && all != null) {
                // A name may be anything; an oid is always the name of a directory.
                boolean isPlain = name.indexOf('/') < 0 && isInside(name);
                to = RawPaths.resolve(all, isPlain ? name : id);
            }
            if (to == null) {
                to = original(target);
            }
            String label = "tablespace " + name + " (" + id + ")";
            if (to == null || !isGood(to, label, BackrestExit.TABLESPACE_MAP)) {
                return;
            }
            mappings.add(new Mapping(label, target.path(), to));
            links.add(
                    new Link(
                            target.name(),
                            to.toString(),
                            to,
                            false,
                            true,
                            versionDirectory(manifest)));
        }

        private @Nullable Path original(ManifestTarget target) {
            try {
                return Path.of(target.path());
            } catch (InvalidPathException e) {
                problems.add(
                        new Problem(
                                BackrestExit.TABLESPACE_MAP,
                                "cannot make the path of " + target.name() + " here",
                                "map it to another one"));
                return null;
            }
        }

        private void link(ManifestTarget target) {
            String name = relative(target.name());
            Path mapped = request.linkMap().get(name);
            String from =
                    target.file() == null ? target.path() : target.path() + "/" + target.file();
            if (mapped != null) {
                usedLinks.add(name);
            }
            if (mapped == null && !request.linkAll()) {
                mappings.add(new Mapping("link " + name, from, null));
                return;
            }
            String text = mapped == null ? from : mapped.toString();
            Path destination =
                    RawPaths.resolve(request.dataDir(), name)
                            .resolveSibling(Path.of(text))
                            .normalize();
            if (!isGood(destination, "link " + name, BackrestExit.LINK_MAP)) {
                return;
            }
            mappings.add(new Mapping("link " + name, from, destination));
            links.add(
                    new Link(target.name(), text, destination, target.file() != null, false, null));
        }

        private boolean isGood(Path to, String label, BackrestExit exit) {
            String problem = null;
            if (!to.isAbsolute()) {
                problem = "is not absolute";
            } else if (to.normalize().startsWith(request.dataDir())) {
                problem = "is inside of the data directory";
            } else if (request.dataDir().startsWith(to.normalize())) {
                problem = "holds the data directory";
            } else {
                String other = destinations.putIfAbsent(to.normalize(), label);
                if (other != null) {
                    problem = "is that of " + other + ", too";
                }
            }
            if (problem != null) {
                problems.add(
                        new Problem(
                                exit, "the place of " + label + ", " + to + ", " + problem, null));
            }
            return problem == null;
        }
    }
}
