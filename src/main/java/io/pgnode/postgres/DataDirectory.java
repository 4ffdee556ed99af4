package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.os.AtomicFile;
import io.pgnode.os.Directories;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.HistoryFile;
import io.pgnode.postgres.core.PidFile;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * PGDATA and the markers beside it.
 *
 * <p>The marker says that a clone or a rewind did not finish. It stands outside of the directory,
 * which such a tool overwrites, and on its file system, so that it survives a reboot. Nothing here
 * deletes data: a directory is renamed aside.
 */
final class DataDirectory {
    static final String READY = ".ready";

    private final Path path;
    private final Path binDir;

    DataDirectory(PostgresSettings settings) {
        this.path = settings.dataDir().toAbsolutePath().normalize();
        this.binDir = settings.binDir();
    }

    Path path() {
        return path;
    }

    Path file(String name) {
        return path.resolve(name);
    }

    DataState state() {
        if (isEmpty()) {
            return DataState.EMPTY;
        }
        if (Files.exists(marker())) {
            return DataState.UNFINISHED;
        }
        boolean complete =
                Files.isReadable(file("PG_VERSION"))
                        && Files.isReadable(path.resolve("global").resolve("pg_control"));
        return complete ? DataState.VALID : DataState.UNUSABLE;
    }

    /** Missing, or a directory with nothing in it but what a new file system has. */
    boolean isEmpty() {
        if (!Files.exists(path)) {
            return true;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().equals("lost+found")) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // unusable, not empty
        }
    }

    /** Empty when there is no readable pg_control. */
    Optional<ControlData> control() {
        try {
            return Optional.of(ControlFile.read(path, binDir));
        } catch (PostgresException e) {
            return Optional.empty();
        }
    }

    Optional<PidFile> pidFile() {
        try {
            return PidFile.parse(Files.readString(file("postmaster.pid")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** From the PG_VERSION file. */
    int majorVersion() throws PostgresException {
        try {
            return Integer.parseInt(Files.readString(file("PG_VERSION")).strip());
        } catch (IOException | NumberFormatException e) {
            throw new PostgresException("cannot read " + file("PG_VERSION") + ": " + e, e);
        }
    }

    /** Whether the next start is that of a standby. */
    boolean hasStandbySignal() {
        return Files.exists(file("standby.signal"));
    }

    /**
     * Whether the instance must start as a standby: it was one, or is to be one, or is a copy that
     * has not replayed up to the end of its backup.
     */
    boolean isStandby() {
        return hasStandbySignal()
                || Files.exists(file("backup_label"))
                || control().filter(ControlData::wasInRecovery).isPresent();
    }

    void setStandbySignal(boolean isStandby) throws PostgresException {
        try {
            Files.deleteIfExists(file("recovery.signal"));
            if (!isStandby) {
                Files.deleteIfExists(file("standby.signal"));
            } else if (!hasStandbySignal()) {
                AtomicFile.write(file("standby.signal"), "", AtomicFile.OWNER_ONLY);
            }
            Directories.sync(path);
        } catch (IOException e) {
            throw new PostgresException("cannot write " + file("standby.signal") + ": " + e, e);
        }
    }

    /** The next start recovers to a target and then accepts writes. */
    void setRecoverySignal() throws PostgresException {
        try {
            AtomicFile.write(file("recovery.signal"), "", AtomicFile.OWNER_ONLY);
        } catch (IOException e) {
            throw new PostgresException("cannot write " + file("recovery.signal") + ": " + e, e);
        }
    }

    /**
     * WAL files that the server marked as to be archived, oldest first, history files before the
     * segments of their timeline.
     */
    List<String> notArchived() throws PostgresException {
        List<String> names = new ArrayList<>();
        Path status = file("pg_wal").resolve("archive_status");
        if (!Files.isDirectory(status)) {
            return names;
        }
        try (DirectoryStream<Path> marks = Files.newDirectoryStream(status, "*" + READY)) {
            for (Path mark : marks) {
                String name = mark.getFileName().toString();
                String file = name.substring(0, name.length() - READY.length());
                if (Files.exists(file("pg_wal").resolve(file))) {
                    names.add(file);
                }
            }
        } catch (IOException e) {
            throw new PostgresException("cannot read " + status + ": " + e.getMessage(), e);
        }
        names.sort(null);
        return names;
    }

    /** Whether the server marked this WAL file as to be archived, and has not yet. */
    boolean isToArchive(String name) {
        return Files.exists(file("pg_wal").resolve("archive_status").resolve(name + READY));
    }

    /** Call before the first change that may leave the directory unusable. */
    void markUnfinished(String work) throws PostgresException {
        try {
            AtomicFile.write(marker(), work + "\n", AtomicFile.OWNER_ONLY);
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot write " + marker() + ": " + e.getMessage(),
                    "the parent of the data directory must be writable for its owner");
        }
    }

    void markFinished() throws PostgresException {
        try {
            Files.deleteIfExists(marker());
            Directories.sync(parent());
        } catch (IOException e) {
            throw new PostgresException("cannot remove " + marker() + ": " + e.getMessage(), e);
        }
    }

    /** What was under way; empty when nothing is unfinished. */
    String unfinishedWork() {
        try {
            return Files.readString(marker()).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Renames the directory, and what its symbolic links for WAL and tablespaces point to, so that
     * a new one can be made.
     *
     * @param suffix such as {@code removed-20260101T120000}
     * @return the new name
     */
    Path moveAside(String suffix) throws PostgresException {
        Path aside = withSuffix(path, suffix);
        try {
            for (Path link : outsideLinks(path)) {
                moveLinked(link, suffix);
            }
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(marker());
            Directories.sync(parent());
            return aside;
        } catch (NoSuchFileException e) {
            throw new PostgresException("there is no " + e.getFile() + " to rename", e);
        } catch (AtomicMoveNotSupportedException e) {
            throw new PostgresException(
                    "cannot rename " + path + " to " + aside + ": " + e.getReason(),
                    "make the data directory a subdirectory of the mount point");
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot rename " + path + " to " + aside + ": " + e.getMessage(),
                    "the parent must be writable, and the directory not a mount point");
        }
    }

    /** Links for WAL and tablespaces in a data directory. */
    static List<Path> outsideLinks(Path directory) throws IOException {
        List<Path> links = new ArrayList<>();
        if (Files.isSymbolicLink(directory.resolve("pg_wal"))) {
            links.add(directory.resolve("pg_wal"));
        }
        Path tablespaces = directory.resolve("pg_tblspc");
        if (Files.isDirectory(tablespaces)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(tablespaces)) {
                for (Path entry : entries) {
                    if (Files.isSymbolicLink(entry)) {
                        links.add(entry);
                    }
                }
            }
        }
        return links;
    }

    private static void moveLinked(Path link, String suffix) throws IOException {
        Path target = link.resolveSibling(Files.readSymbolicLink(link));
        if (!Files.exists(target)) {
            return;
        }
        Path aside = withSuffix(target, suffix);
        Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(link);
        Files.createSymbolicLink(link, aside);
    }

    private static Path withSuffix(Path path, String suffix) {
        return path.resolveSibling(path.getFileName() + "." + suffix);
    }

    /** What pg_wal knows of where {@code timeline} began; empty when there is nothing readable. */
    HistoryFile history(int timeline) {
        try {
            return HistoryFile.parse(
                    Files.readString(file("pg_wal").resolve(HistoryFile.name(timeline))));
        } catch (IOException | IllegalArgumentException e) {
            return HistoryFile.EMPTY;
        }
    }

    /** The newest timeline that pg_wal has a history file of; 1 when it has none. */
    int newestTimeline() {
        int newest = 1;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(file("pg_wal"), "*.history")) {
            for (Path history : files) {
                newest = Math.max(newest, HistoryFile.timelineOf(history.getFileName().toString()));
            }
        } catch (IOException e) {
            return newest;
        }
        return newest;
    }

    private Path marker() {
        return beside("unfinished");
    }

    /** A file of ours that belongs to this directory but survives what happens to it. */
    Path beside(String kind) {
        return parent().resolve("." + path.getFileName() + "." + kind);
    }

    Path parent() {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException("the data directory must not be /");
        }
        return parent;
    }
}
