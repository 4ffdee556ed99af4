package io.pgnode.backup.upkeep;

import io.pgnode.backup.codec.Sha1;
import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.backup.storage.Storages;
import io.pgnode.testing.FaultyStorage;
import io.pgnode.testing.PgBackRest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A repository whose files have the right names and mostly no content: what expire goes by is in
 * the names and in the info files.
 */
final class MadeUpRepository {
    private static final int WAL = 16 << 20;

    private final Path root;
    private final Path backups;
    private final Path archive;

    MadeUpRepository(Path root) {
        this.root = root;
        this.backups = root.resolve("backup").resolve(PgBackRest.STANZA);
        this.archive = root.resolve("archive").resolve(PgBackRest.STANZA);
    }

    void make(BackupInfo info) throws IOException {
        remove(root);
        put(backups.resolve("backup.info"), info.render());
        put(backups.resolve("backup.info.copy"), info.render());
        byte[] archives = new ArchiveInfo(info.databases(), null).render();
        put(archive.resolve("archive.info"), archives);
        put(archive.resolve("archive.info.copy"), archives);
        for (BackupSummary backup : info.backups()) {
            makeBackup(backup.label().text());
            put(history(backup.label().text()));
            makeWal(info, backup);
        }
        put(history("20200101-000000F"));
        makeBackup("20200101-000000F");
        Files.delete(backups.resolve("20200101-000000F/backup.manifest"));
        Files.delete(backups.resolve("20200101-000000F/backup.manifest.copy"));
        Files.createSymbolicLink(
                backups.resolve("latest"), Path.of(info.backups().getLast().label().text()));
    }

    private Path history(String label) {
        return backups.resolve("backup.history")
                .resolve(label.substring(label.length() - 16, label.length() - 12))
                .resolve(label + ".manifest.gz");
    }

    private void makeBackup(String label) throws IOException {
        put(backups.resolve(label).resolve("backup.manifest"));
        put(backups.resolve(label).resolve("backup.manifest.copy"));
        put(backups.resolve(label).resolve("bundle/1"));
        put(backups.resolve(label).resolve("pg_data/backup_label.zst"));
    }

    /** What the backup needs, some before and after, and files of another kind. */
    private void makeWal(BackupInfo info, BackupSummary backup) throws IOException {
        DatabaseVersion database = info.databases().find(backup.databaseId()).orElseThrow();
        Path directory = archive.resolve(database.archiveId());
        WalSegment start = backup.archiveStart();
        WalSegment stop = backup.archiveStop();
        if (start == null || stop == null) {
            return;
        }
        WalSegment last = stop.next(WAL).next(WAL);
        for (WalSegment at = start; at.compareTo(last) <= 0; at = at.next(WAL)) {
            put(wal(directory, at, "-%040x.zst".formatted(at.segment() + 1)));
        }
        put(wal(directory, start, ".00000028.backup"));
        put(wal(directory, last.next(WAL), ".partial-%040x.zst".formatted(1)));
        if (start.timeline() > 1) {
            put(directory.resolve("%08X.history".formatted(start.timeline())));
        }
    }

    private static Path wal(Path directory, WalSegment segment, String rest) {
        return directory.resolve(segment.directory()).resolve(segment.text() + rest);
    }

    private static void put(Path file) throws IOException {
        put(file, new byte[0]);
    }

    private static void put(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** All files by their path; info files with their digest. */
    SortedSet<String> files() throws IOException {
        SortedSet<String> files = new TreeSet<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        String path = root.relativize(file).toString();
                        if (attributes.isSymbolicLink()) {
                            files.add(path + " -> " + Files.readSymbolicLink(file));
                        } else if (path.contains("backup.info")) {
                            files.add(path + " " + Sha1.of(Files.readAllBytes(file)));
                        } else {
                            files.add(path);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }

    Repository open() {
        return open(storage());
    }

    Repository open(Storage storage) {
        return Repository.open(
                new RepositorySettings(
                        1,
                        new StorageSettings.Posix(root),
                        PgBackRest.STANZA,
                        CipherType.NONE,
                        null),
                storage);
    }

    FaultyStorage killedAt(int step) {
        return FaultyStorage.killedAt(storage(), step);
    }

    private Storage storage() {
        try {
            return Storages.open(new StorageSettings.Posix(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void remove(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @org.jspecify.annotations.Nullable IOException failure)
                            throws IOException {
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
