package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;

/** The work itself, in the process that PostgreSQL runs: without an archiver. */
final class Direct {
    private Direct() {}

    static Answer.Done run(ArchiveArguments arguments, ArchiveMain.Loader loader) {
        return switch (arguments) {
            case ArchiveArguments.Push push -> push(push, loader);
            case ArchiveArguments.Get get -> get(get, loader);
        };
    }

    private static Answer.Done push(ArchiveArguments.Push arguments, ArchiveMain.Loader loader) {
        try {
            WalFile file = file(String.valueOf(arguments.source().getFileName()));
            try (Repositories repositories =
                    Repositories.open(loader.load(arguments.configuration(), false))) {
                return new Answer.Done(
                        0,
                        repositories
                                .pusher(ArchiveGuard.NOBODY_KNOWS)
                                .push(file, arguments.source(), new HashSet<>(), false)
                                .note());
            }
        } catch (BackupException e) {
            return new Answer.Done(e.exit().code(), OneLine.of(e));
        } catch (RuntimeException | Error e) {
            return new Answer.Done(BackrestExit.ASSERT.code(), OneLine.of(e.toString()));
        }
    }

    private static Answer.Done get(ArchiveArguments.Get arguments, ArchiveMain.Loader loader) {
        RecoveryMode mode = RecoveryMode.of(dataDir(arguments.destination()));
        try {
            WalFile file = file(arguments.name());
            ArchiveSettings settings = loader.load(arguments.configuration(), arguments.ofSource());
            try (Repositories repositories = Repositories.open(settings)) {
                return new PatientFetch(
                                repositories.fetcher(),
                                settings.limits(),
                                System::nanoTime,
                                Thread::sleep)
                        .fetch(file, arguments.destination(), mode);
            }
        } catch (BackupException e) {
            return new Answer.Done(mode.exit(e.exit().code()), OneLine.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Done(mode.exit(BackrestExit.TERMINATED.code()), "interrupted");
        } catch (RuntimeException | Error e) {
            return new Answer.Done(mode.exit(BackrestExit.ASSERT.code()), OneLine.of(e.toString()));
        }
    }

    /** PostgreSQL runs commands in its data directory; other programs give an absolute path. */
    private static Path dataDir(Path destination) {
        Path here = Path.of("").toAbsolutePath();
        Path wal = destination.getParent();
        return Files.exists(here.resolve("PG_VERSION")) || wal == null || wal.getParent() == null
                ? here
                : wal.getParent();
    }

    private static WalFile file(String name) throws BackupException {
        return WalFileName.parse(name)
                .orElseThrow(
                        () ->
                                new BackupException(
                                        BackrestExit.PARAM_REQUIRED,
                                        "\"" + name + "\" is not the name of a WAL file"));
    }
}
