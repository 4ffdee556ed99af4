package io.pgnode.backup.storage;

import static java.util.Objects.requireNonNull;

import io.pgnode.backup.storage.StorageException.Kind;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A directory of a local file system or of NFS. A file is written under another name, synced,
 * renamed, and its directory synced; nothing relies on locks.
 */
final class PosixStorage implements Storage {
    /** As pgBackRest's directories. */
    private static final String DIRECTORY_MODE = "rwxr-x---";

    private final Path root;

    PosixStorage(Path root) {
        this.root = root;
    }

    @Override
    public String describe() {
        return root.toString();
    }

    @Override
    public boolean hasLinks() {
        return true;
    }

    @Override
    public Optional<ObjectInfo> info(String path) throws IOException {
        Path file = file(path);
        return Optional.ofNullable(info(file, path));
    }

    private static @Nullable ObjectInfo info(Path file, String name) throws IOException {
        try {
            var facts =
                    Files.readAttributes(
                            file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new ObjectInfo(
                    name,
                    kind(facts),
                    facts.isRegularFile() ? facts.size() : 0,
                    facts.lastModifiedTime().toInstant());
        } catch (NoSuchFileException _) {
            return null;
        } catch (IOException e) {
            if (PosixFailure.isNotDirectory(e)) {
                return null;
            }
            throw PosixFailure.of("look at", file, e);
        }
    }

    private static ObjectInfo.Kind kind(BasicFileAttributes facts) {
        if (facts.isDirectory()) {
            return ObjectInfo.Kind.DIRECTORY;
        }
        return facts.isSymbolicLink() ? ObjectInfo.Kind.LINK : ObjectInfo.Kind.FILE;
    }

    @Override
    public List<ObjectInfo> list(String directory, String prefix) throws IOException {
        return list(directory(directory), prefix);
    }

    private static List<ObjectInfo> list(Path directory, String prefix) throws IOException {
        var found = new ArrayList<ObjectInfo>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = RawPaths.name(entry);
                boolean isWanted = name.startsWith(prefix) && !Temporary.is(name);
                ObjectInfo info = isWanted ? info(entry, name) : null;
                if (info != null) {
                    found.add(info);
                }
            }
        } catch (NoSuchFileException _) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw PosixFailure.of("list", directory, requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw PosixFailure.of("list", directory, e);
        }
        found.sort(Comparator.comparing(ObjectInfo::name));
        return found;
    }

    @Override
    public List<ObjectInfo> walk(String directory) throws IOException {
        var found = new ArrayList<ObjectInfo>();
        walk(directory(directory), "", found);
        return found;
    }

    private static void walk(Path directory, String prefix, List<ObjectInfo> found)
            throws IOException {
        for (ObjectInfo entry : list(directory, "")) {
            String name = RepositoryPath.join(prefix, entry.name());
            found.add(new ObjectInfo(name, entry.kind(), entry.size(), entry.modified()));
            if (entry.isDirectory()) {
                walk(RawPaths.resolve(directory, entry.name()), name, found);
            }
        }
    }

    @Override
    public byte[] read(String path, int limit) throws IOException {
        Path file = file(path);
        try (PosixInput in = PosixInput.open(file, 0, PosixInput.ALL)) {
            if (in.size() > limit) {
                throw tooLarge(file, limit);
            }
            byte[] content = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw tooLarge(file, limit);
            }
            return content;
        }
    }

    private static StorageException tooLarge(Path file, int limit) {
        return new StorageException(
                Kind.DAMAGED, file + " has more than " + limit + " bytes, it cannot be right");
    }

    @Override
    public InputStream open(String path) throws IOException {
        return PosixInput.open(file(path), 0, PosixInput.ALL);
    }

    @Override
    public InputStream open(String path, long offset, long length) throws IOException {
        RepositoryPath.checkRange(path, offset, length);
        return PosixInput.open(file(path), offset, length);
    }

    @Override
    public void put(String path, byte[] content) throws IOException {
        try (PosixOutput out = create(path)) {
            out.write(content, 0, content.length);
            out.commit();
        }
    }

    @Override
    public boolean putIfAbsent(String path, byte[] content) throws IOException {
        if (info(path).isPresent()) {
            return false;
        }
        try (PosixOutput out = create(path)) {
            out.write(content, 0, content.length);
            return out.commitNew();
        }
    }

    @Override
    public StorageOutput create(String path, long expectedSize) throws IOException {
        return create(path);
    }

    private PosixOutput create(String path) throws IOException {
        Path target = file(path);
        Path temporary = RawPaths.resolve(root, Temporary.of(path));
        try {
            return PosixOutput.create(target, temporary);
        } catch (NoSuchFileException _) {
            makeDirectory(parent(target));
        } catch (IOException e) {
            throw PosixFailure.of("write", target, e);
        }
        try {
            return PosixOutput.create(target, temporary);
        } catch (IOException e) {
            throw PosixFailure.of("write", target, e);
        }
    }

    @Override
    public void makeDirectory(String path) throws IOException {
        makeDirectory(directory(path));
    }

    /** From the top down, each durable before the next. */
    private void makeDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = parent(directory);
        makeDirectory(parent);
        try {
            var mode = PosixFilePermissions.fromString(DIRECTORY_MODE);
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
            // The umask may have taken bits away.
            Files.setPosixFilePermissions(directory, mode);
            Directories.sync(parent);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw PosixFailure.of("make directory", directory, e);
            }
        } catch (IOException e) {
            throw PosixFailure.of("make directory", directory, e);
        }
    }

    private static Path parent(Path path) throws StorageException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new StorageException(Kind.OTHER, path + " is not in a directory");
        }
        return parent;
    }

    @Override
    public Optional<String> linkTarget(String path) throws IOException {
        Path link = file(path);
        try {
            return Files.isSymbolicLink(link)
                    ? Optional.of(Files.readSymbolicLink(link).toString())
                    : Optional.empty();
        } catch (IOException e) {
            throw PosixFailure.of("read", link, e);
        }
    }

    @Override
    public void link(String path, String target) throws IOException {
        Path link = file(path);
        Path temporary = RawPaths.resolve(root, Temporary.of(path));
        makeDirectory(parent(link));
        try {
            Files.createSymbolicLink(temporary, Path.of(RepositoryPath.checked(target)));
            try {
                Files.move(
                        temporary,
                        link,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
            Directories.sync(parent(link));
        } catch (IOException e) {
            throw PosixFailure.of("write", link, e);
        }
    }

    @Override
    public void remove(String path) throws IOException {
        Path file = file(path);
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException(Kind.OTHER, "cannot remove " + file + ": is a directory");
        }
        delete(file);
    }

    private static void delete(Path file) throws IOException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            if (!PosixFailure.isNotDirectory(e)) {
                throw PosixFailure.of("remove", file, e);
            }
        }
    }

    @Override
    public void removeAll(Collection<String> paths) throws IOException {
        paths.forEach(RepositoryPath::checked);
        for (String path : paths) {
            remove(path);
        }
    }

    @Override
    public void removeTree(String directory) throws IOException {
        Path top = file(directory);
        try {
            Files.walkFileTree(top, new Remover());
        } catch (IOException e) {
            if (!PosixFailure.isNotDirectory(e)) {
                throw PosixFailure.of("remove", top, e);
            }
        }
    }

    /** Others may remove the same tree at the same time. */
    private static final class Remover extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
            delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw PosixFailure.of("remove", file, e);
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
                throws IOException {
            if (e != null) {
                throw PosixFailure.of("remove", directory, e);
            }
            delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }

    @Override
    public int removeUnfinished(String directory, Instant before) throws IOException {
        Path top = directory(directory);
        var remover = new LeftoverRemover(before);
        try {
            Files.walkFileTree(top, remover);
        } catch (IOException e) {
            throw PosixFailure.of("look for temporary files in", top, e);
        }
        return remover.count;
    }

    private static final class LeftoverRemover extends SimpleFileVisitor<Path> {
        private final Instant before;
        private int count;

        LeftoverRemover(Instant before) {
            this.before = before;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
            if (Temporary.isOurs(RawPaths.name(file))
                    && facts.lastModifiedTime().toInstant().isBefore(before)) {
                delete(file);
                count++;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private Path file(String path) {
        return RawPaths.resolve(root, RepositoryPath.checked(path));
    }

    private Path directory(String path) {
        return path.isEmpty()
                ? root
                : RawPaths.resolve(root, RepositoryPath.checkedDirectory(path));
    }
}
