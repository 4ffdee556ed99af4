package io.pgnode.postgres;

import io.pgnode.os.Directories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Data directories that were renamed aside, to be looked at by an operator; the old ones are
 * deleted only when the configuration says how many to keep.
 */
final class RenamedDirectories {
    private static final Logger LOG = Logger.getLogger(RenamedDirectories.class);

    /** Why and when, and which try when there were several. */
    private static final Pattern SUFFIX = Pattern.compile("\\.([a-z]+-(\\d{8}T\\d{6})(-\\d+)?)$");

    private final Path dataDir;
    private final Path parent;

    RenamedDirectories(DataDirectory data) {
        this.dataDir = data.path();
        this.parent = data.parent();
    }

    /** Oldest first. */
    List<Path> list() {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(parent, dataDir.getFileName() + ".*")) {
            for (Path entry : entries) {
                boolean ours =
                        suffix(entry) != null
                                && entry.getFileName()
                                        .toString()
                                        .equals(dataDir.getFileName() + "." + suffix(entry));
                if (ours && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    found.add(entry);
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        found.sort(
                Comparator.comparing(RenamedDirectories::stamp)
                        .thenComparing(path -> path.getFileName().toString()));
        return found;
    }

    /**
     * Deletes all but the newest, with the directories for WAL and tablespaces that were renamed
     * together with them.
     *
     * @param keep how many stay, at least one; negative to delete nothing
     */
    void prune(int keep) {
        if (keep < 1) {
            return;
        }
        List<Path> all = list();
        for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
            try {
                for (Path outside : outside(old)) {
                    delete(outside);
                }
                delete(old);
                Directories.sync(parent);
                LOG.warnf("deleted the renamed data directory path=%s kept=%d", old, keep);
            } catch (IOException e) {
                LOG.warnf("cannot delete the renamed data directory path=%s: %s", old, e);
            }
        }
    }

    /** What its links point to, as far as it was renamed with it. */
    private static List<Path> outside(Path old) throws IOException {
        List<Path> targets = new ArrayList<>();
        for (Path link : DataDirectory.outsideLinks(old)) {
            Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
            if (target.toString().endsWith("." + suffix(old)) && Files.isDirectory(target)) {
                targets.add(target);
            }
        }
        return targets;
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path visited, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static @Nullable String suffix(Path path) {
        Matcher suffix = SUFFIX.matcher(path.getFileName().toString());
        return suffix.find() ? suffix.group(1) : null;
    }

    private static String stamp(Path path) {
        Matcher suffix = SUFFIX.matcher(path.getFileName().toString());
        return suffix.find() ? suffix.group(2) : "";
    }
}
