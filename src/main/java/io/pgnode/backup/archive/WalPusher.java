package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiveGuard.Answer;
import io.pgnode.backup.archive.Ownership.Verdict;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts files of {@code pg_wal} into all repositories. One file a call, from many threads; nothing
 * is remembered, and all may be done again: what is there already with the same content is done.
 */
final class WalPusher implements PushDesk.Push {
    /** More than a history of 10 000 switches has. */
    private static final int MAX_HISTORY_BYTES = 1 << 20;

    private final List<WalRepository> repositories;
    private final ArchiveGuard guard;
    private final RepositoryPause pause;

    /** What became of a file. */
    enum Kind {
        STORED,
        /** All repositories had it. */
        ALREADY_THERE,
        /** It is kept aside. */
        QUARANTINED
    }

    /**
     * What became of a file, and why, for the log.
     *
     * @param note empty when there is nothing to say
     */
    record Outcome(Kind kind, String note) {}

    /**
     * @param repositories one at least
     */
    WalPusher(List<WalRepository> repositories, ArchiveGuard guard) {
        this.repositories = List.copyOf(repositories);
        this.guard = guard;
        this.pause = new RepositoryPause(System::nanoTime, new Random());
    }

    /**
     * Returns when the file is durable in all repositories. One that fails does not keep it from
     * the others.
     *
     * @param source the file in {@code pg_wal}
     * @param done keys of repositories that have it from an earlier call; those of this call are
     *     added
     * @param isAhead nobody waits for it, so that a repository that just failed is left alone
     * @throws BackupException of the first repository that failed; the message names them all
     */
    @Override
    public Outcome push(WalFile file, Path source, Set<Integer> done, boolean isAhead)
            throws BackupException {
        if (!Files.isRegularFile(source)) {
            throw new BackupException(BackrestExit.FILE_MISSING, source + " is not a file", null);
        }
        return switch (verdict(file, source)) {
            case Verdict.Archive _ -> {
                List<WalRepository> stored = new ArrayList<>();
                each(
                        file,
                        done,
                        isAhead,
                        repository -> {
                            if (repository.push(file, source)) {
                                stored.add(repository);
                            }
                        });
                yield new Outcome(stored.isEmpty() ? Kind.ALREADY_THERE : Kind.STORED, "");
            }
            case Verdict.Quarantine(String why) -> {
                each(file, done, isAhead, repository -> repository.quarantine(file, source));
                yield new Outcome(
                        Kind.QUARANTINED,
                        file.name() + " is kept in quarantine, not in the archive: " + why);
            }
            case Verdict.Later(String why) -> {
                each(file, done, isAhead, repository -> mustHave(repository, file, source, why));
                yield new Outcome(Kind.ALREADY_THERE, "");
            }
        };
    }

    private static void mustHave(WalRepository repository, WalFile file, Path source, String why)
            throws BackupException {
        if (!repository.has(file, source)) {
            throw new BackupException(
                    BackrestExit.ARCHIVE_MISMATCH,
                    file.name() + " is not archived yet: " + why,
                    "PostgreSQL keeps the file and tries again; see \"pgnode list\" for who leads");
        }
    }

    private interface Step {
        void run(WalRepository repository) throws BackupException;
    }

    /** Whether a push ahead would try any repository that does not have the file yet. */
    @Override
    public boolean isWorthTrying(Set<Integer> done) {
        return repositories.stream()
                .anyMatch(
                        repository ->
                                !done.contains(repository.key()) && pause.of(repository).isEmpty());
    }

    private void each(WalFile file, Set<Integer> done, boolean isAhead, Step step)
            throws BackupException {
        Map<WalRepository, BackupException> failed = new HashMap<>();
        BackupException first = null;
        for (WalRepository repository : inOrder()) {
            if (done.contains(repository.key())) {
                continue;
            }
            Optional<BackupException> paused = isAhead ? pause.of(repository) : Optional.empty();
            if (paused.isPresent()) {
                failed.put(repository, paused.get());
                first = Objects.requireNonNullElse(first, paused.get());
                continue;
            }
            try {
                step.run(repository);
                done.add(repository.key());
                pause.succeeded(repository);
            } catch (BackupException e) {
                pause.failed(repository, e);
                failed.put(repository, e);
                first = Objects.requireNonNullElse(first, e);
            }
        }
        if (first != null) {
            throw failed(file, failed, first);
        }
    }

    /** Those that work before those that failed just now, which may take their time again. */
    private List<WalRepository> inOrder() {
        return repositories.stream()
                .sorted(Comparator.comparing(repository -> pause.of(repository).isPresent()))
                .toList();
    }

    private BackupException failed(
            WalFile file, Map<WalRepository, BackupException> failed, BackupException first) {
        String all =
                repositories.stream()
                        .filter(failed::containsKey)
                        .map(
                                repository ->
                                        repository.describe()
                                                + ": "
                                                + withoutHint(
                                                        Objects.requireNonNull(
                                                                failed.get(repository))))
                        .collect(Collectors.joining("; "));
        return new BackupException(
                first.exit(), file.name() + " is not archived: " + all, first.hint(), first);
    }

    /** The message is for one line; the hint follows it. */
    static String withoutHint(BackupException e) {
        String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
        int hint = message.indexOf("\nHINT: ");
        return hint < 0 ? message : message.substring(0, hint);
    }

    private Verdict verdict(WalFile file, Path source) throws BackupException {
        Answer answer = guard.mayPush(Ownership.timeline(file));
        if (answer instanceof Answer.Allowed) {
            return new Verdict.Archive(); // nothing to read
        }
        Map<Integer, HistoryFile> archived = new HashMap<>();
        BackupException unreadable = null;
        int read = 0;
        for (WalRepository repository : repositories) {
            try {
                archived.putAll(repository.histories());
                read++;
            } catch (BackupException e) {
                // One that is away must not cost the others their WAL; it fails on its own.
                unreadable = e;
            }
        }
        if (read == 0 && unreadable != null) {
            throw new BackupException(
                    unreadable.exit(),
                    file.name() + " is not archived: " + withoutHint(unreadable),
                    unreadable.hint(),
                    unreadable);
        }
        return Ownership.judge(
                file,
                answer,
                new Lineage(
                        ownHistory(file, source), archived, WalHeader.segmentSize(file, source)));
    }

    /** The history of the file's timeline that lies beside it. */
    private static @Nullable HistoryFile ownHistory(WalFile file, Path source)
            throws BackupException {
        Path history = source.resolveSibling(HistoryFile.name(Ownership.timeline(file)));
        try (var in = Files.newInputStream(history)) {
            return HistoryFile.parse(
                    new String(in.readNBytes(MAX_HISTORY_BYTES), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | IllegalArgumentException e) {
            throw new BackupException(
                    BackrestExit.FILE_READ, "cannot read " + history + ": " + e.getMessage(), null);
        }
    }
}
