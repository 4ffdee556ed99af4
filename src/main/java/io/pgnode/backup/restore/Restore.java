package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.restore.RestorePlan.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Restores a data directory from the backups of a stanza.
 *
 * <p>A restore that was interrupted, at whatever moment, leaves a directory that no server starts
 * in: its {@code pg_control} comes last, and the backup's manifest lies in it until all is done and
 * durable. A restore with {@link RestoreRequest#delta} goes on with such a directory.
 */
public final class Restore {
    private final List<Repository> repositories;
    private final @Nullable RepositoryLocks locks;
    private final LongSupplier ticker;
    private final Steps steps;

    /**
     * @param repositories of one stanza, by their keys; at least one
     * @param locks pgBackRest's of this host; null where none are to be held
     * @param ticker monotonic nanoseconds
     */
    public Restore(
            List<Repository> repositories, @Nullable RepositoryLocks locks, LongSupplier ticker) {
        this(repositories, locks, ticker, Steps.NONE);
    }

    Restore(
            List<Repository> repositories,
            @Nullable RepositoryLocks locks,
            LongSupplier ticker,
            Steps steps) {
        if (repositories.isEmpty()) {
            throw new IllegalArgumentException("a restore needs a repository");
        }
        this.repositories = List.copyOf(repositories);
        this.locks = locks;
        this.ticker = ticker;
        this.steps = steps;
    }

    /**
     * What {@link #run} would do. Changes nothing.
     *
     * @throws BackupException when no repository can be read
     */
    public RestorePlan plan(RestoreRequest request) throws BackupException {
        return new Planner(repositories, request).prepare().plan();
    }

    /**
     * Restores; when this returns, the directory is complete and durable.
     *
     * @throws BackupException when it is refused, with all the problems, or when it failed
     */
    public RestoreResult run(RestoreRequest request, Progress progress) throws BackupException {
        String stanza = repositories.getFirst().stanza();
        if (locks == null) {
            return runLocked(request, progress);
        }
        try (RepositoryLocks.Held held =
                locks.acquire(
                        stanza, RepositoryLocks.Type.RESTORE, repositories.getFirst().key())) {
            return runLocked(
                    request,
                    state -> {
                        progress.update(state);
                        if (state.phase() == Progress.Phase.COPY) {
                            tell(held, state);
                        }
                    });
        }
    }

    private static void tell(RepositoryLocks.Held held, Progress.State state) {
        try {
            held.progress(state.bytesDone(), state.bytesTotal());
        } catch (BackupException e) {
            // Only what pgbackrest info would have shown.
        }
    }

    private RestoreResult runLocked(RestoreRequest request, Progress progress)
            throws BackupException {
        Planner.Prepared prepared = new Planner(repositories, request).prepare();
        RestorePlan plan = prepared.plan();
        if (!plan.isPossible()) {
            throw refused(plan.problems());
        }
        BackupSource source = java.util.Objects.requireNonNull(prepared.source());
        Layout layout = java.util.Objects.requireNonNull(prepared.layout());
        try {
            return new RestoreRun(
                            request,
                            plan,
                            source,
                            layout,
                            new OtherRepositories(source)::of,
                            ticker,
                            steps)
                    .run(progress);
        } catch (WriteFailure e) {
            throw new BackupException(
                    BackrestExit.FILE_WRITE,
                    BackupSource.text(e),
                    e.isFull() ? "make room, then --delta goes on" : "--delta goes on",
                    e);
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_WRITE,
                    "the restore into " + request.dataDir() + " failed: " + BackupSource.text(e),
                    "--delta goes on",
                    e);
        }
    }

    private static BackupException refused(List<Problem> problems) {
        Problem first = problems.getFirst();
        String hints =
                problems.stream()
                        .map(Problem::hint)
                        .filter(java.util.Objects::nonNull)
                        .distinct()
                        .collect(Collectors.joining("; "));
        return new BackupException(
                first.exit(),
                problems.stream().map(Problem::message).collect(Collectors.joining("; ")),
                hints.isEmpty() ? null : hints);
    }

    /** Equal files in other repositories than the backup's. Thread-safe. */
    private final class OtherRepositories {
        /** Newest backups that are looked at, in each repository. */
        private static final int BACKUPS = 4;

        private final BackupSource damaged;
        private final Map<String, Optional<BackupSource>> known = new HashMap<>();

        OtherRepositories(BackupSource damaged) {
            this.damaged = damaged;
        }

        synchronized List<Copier.Alternatives.Found> of(ManifestFile file) {
            List<Copier.Alternatives.Found> found = new ArrayList<>();
            for (Repository repository : repositories) {
                if (repository.key() == damaged.repository().key()) {
                    continue;
                }
                for (BackupLabel label : labels(repository)) {
                    source(repository, label)
                            .flatMap(source -> equal(source, file))
                            .ifPresent(found::add);
                }
            }
            return found;
        }

        /** The same backup first, then the newest ones. */
        private List<BackupLabel> labels(Repository repository) {
            try {
                List<BackupLabel> all =
                        new ArrayList<>(
                                repository.backups().info().backups().stream()
                                        .map(summary -> summary.label())
                                        .toList()
                                        .reversed());
                BackupLabel same = damaged.manifest().label();
                if (all.remove(same)) {
                    all.addFirst(same);
                }
                return all.subList(0, Math.min(BACKUPS, all.size()));
            } catch (BackupException e) {
                return List.of();
            }
        }

        private Optional<BackupSource> source(Repository repository, BackupLabel label) {
            return known.computeIfAbsent(
                    repository.key() + " " + label,
                    _ -> {
                        try {
                            Manifest manifest = repository.backups().manifest(label);
                            return Optional.of(new BackupSource(repository, manifest));
                        } catch (BackupException e) {
                            return Optional.empty();
                        }
                    });
        }

        private static Optional<Copier.Alternatives.Found> equal(
                BackupSource source, ManifestFile file) {
            return source.manifest()
                    .find(file.name())
                    .filter(other -> other.size() == file.size())
                    .filter(
                            other ->
                                    file.checksum() != null
                                            && file.checksum().equals(other.checksum()))
                    .map(other -> new Copier.Alternatives.Found(source, other));
        }
    }
}
