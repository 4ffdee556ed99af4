package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StopFiles;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The repositories of a node, open for WAL in and out. */
final class Repositories implements AutoCloseable {
    private final List<WalRepository> all;

    /**
     * @param all are closed with this
     */
    Repositories(List<? extends WalRepository> all) {
        this.all = List.copyOf(all);
    }

    /** Talks to none of them yet. */
    static Repositories open(ArchiveSettings settings) throws BackupException {
        List<WalRepository> opened = new ArrayList<>();
        try {
            for (RepositorySettings repository : settings.repositories()) {
                WalRepository wal =
                        new StanzaWal(
                                Repository.open(repository),
                                new StopFiles(settings.lockDirectory()),
                                settings.member(),
                                settings.compression(),
                                System::nanoTime,
                                InstantSource.system());
                boolean isAlone = settings.repositories().size() == 1;
                opened.add(isAlone ? wal : new PatientRepository(wal, settings.limits().oneCall()));
            }
            return new Repositories(opened);
        } catch (BackupException | RuntimeException e) {
            opened.forEach(WalRepository::close);
            throw e;
        }
    }

    Backfill backfill(Path wal) {
        return new Backfill(wal, all);
    }

    WalPusher pusher(ArchiveGuard guard) {
        return new WalPusher(all, guard);
    }

    WalFetcher fetcher() {
        return new WalFetcher(all);
    }

    @Override
    public void close() {
        all.forEach(WalRepository::close);
    }
}
