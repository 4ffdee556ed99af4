package io.pgnode.backup.archive;

import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * What PostgreSQL wants archived: {@code pg_wal/archive_status/<name>.ready}. Only looks; the marks
 * are PostgreSQL's.
 */
final class ReadyFiles {
    private static final String SUFFIX = ".ready";

    /** As PostgreSQL takes them: histories first, then by name. */
    static final Comparator<WalFile> ORDER =
            Comparator.<WalFile, Boolean>comparing(file -> !(file instanceof WalFile.History))
                    .thenComparing(WalFile::name);

    private final Path wal;

    /**
     * @param wal the directory {@code pg_wal}
     */
    ReadyFiles(Path wal) {
        this.wal = wal;
    }

    /** The first ones, at most {@code limit}, in order; none when there is no such directory. */
    List<WalFile> first(int limit) throws IOException {
        PriorityQueue<WalFile> kept = new PriorityQueue<>(ORDER.reversed());
        try (DirectoryStream<Path> marks = Files.newDirectoryStream(status(), "*" + SUFFIX)) {
            for (Path mark : marks) {
                String name = mark.getFileName().toString();
                name = name.substring(0, name.length() - SUFFIX.length());
                WalFileName.parse(name).ifPresent(kept::add);
                if (kept.size() > limit) {
                    kept.poll();
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return kept.stream().sorted(ORDER).toList();
    }

    /** Whether PostgreSQL still waits for it. */
    boolean isReady(WalFile file) {
        return Files.exists(status().resolve(file.name() + SUFFIX));
    }

    /** Where the file is. */
    Path path(WalFile file) {
        return wal.resolve(file.name());
    }

    private Path status() {
        return wal.resolve("archive_status");
    }
}
