package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.archive.ArchiverWire.Request;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The resident archiver of a node: pushes what PostgreSQL marked as ready before it asks, fetches
 * what a recovery will ask for, and answers {@link ArchiveMain} on a unix socket.
 *
 * <p>Nothing depends on it: what it is not there for, or cannot do, is done by the command that
 * PostgreSQL runs. All it knows may be lost at any moment.
 */
public final class Archiver implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Archiver.class);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(5);

    private final ArchiveGuard guard;
    private final ArchiverServer server;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Work work;

    /** What one set of settings works with. */
    private record Work(
            ArchiveSettings settings,
            Repositories repositories,
            PushDesk desk,
            Prefetcher prefetcher,
            PatientFetch fetch,
            BackfillThread backfill)
            implements AutoCloseable {
        static Work begin(ArchiveSettings settings, ArchiveGuard guard) throws BackupException {
            Repositories repositories = Repositories.open(settings);
            ArchiveSettings.Limits limits = settings.limits();
            WalPusher pusher = repositories.pusher(guard);
            PushDesk desk =
                    new PushDesk(
                            new ReadyFiles(settings.walDirectory()),
                            pusher,
                            limits.workers(),
                            limits.lookAhead(),
                            System::nanoTime);
            Prefetcher prefetcher =
                    new Prefetcher(
                            repositories.fetcher(),
                            settings.walDirectory(),
                            limits.prefetchBytes(),
                            limits.workers(),
                            System::nanoTime);
            BackfillThread backfill =
                    new BackfillThread(repositories.backfill(settings.walDirectory()));
            desk.start();
            backfill.start();
            return new Work(
                    settings,
                    repositories,
                    desk,
                    prefetcher,
                    new PatientFetch(prefetcher, limits, System::nanoTime, Thread::sleep),
                    backfill);
        }

        @Override
        public void close() {
            backfill.close();
            desk.close();
            prefetcher.close();
            repositories.close();
        }
    }

    private Archiver(Work work, ArchiveGuard guard) throws IOException {
        this.work = work;
        this.guard = guard;
        this.server = new ArchiverServer(work.settings().socket(), this::handle);
    }

    /**
     * Begins to archive and to listen. Talks to no repository before there is something to do.
     *
     * @param guard what the cluster says of this member
     * @throws BackupException when the settings cannot work
     * @throws IOException when the socket cannot be made
     */
    public static Archiver start(ArchiveSettings settings, ArchiveGuard guard)
            throws BackupException, IOException {
        Work work = Work.begin(settings, guard);
        try {
            work.prefetcher().clean();
            Archiver archiver = new Archiver(work, guard);
            archiver.server.start();
            LOG.infof(
                    "archiver listens: socket=%s workers=%d",
                    settings.socket(), settings.limits().workers());
            return archiver;
        } catch (IOException | RuntimeException e) {
            work.close();
            throw e;
        }
    }

    /**
     * Goes on with other settings: repositories, compression, limits. What is under way is ended
     * with the old ones, or done anew with the new ones.
     *
     * @throws BackupException when they cannot work, or name another run or data directory, which
     *     needs a restart; the old ones stay
     */
    public void reload(ArchiveSettings settings) throws BackupException {
        lock.lock();
        try {
            Work old = work;
            if (old.settings().equals(settings)) {
                return;
            }
            if (!settings.socket().equals(old.settings().socket())
                    || !settings.dataDir().equals(old.settings().dataDir())) {
                throw new BackupException(
                        BackrestExit.CONFIG,
                        "the archiver's run directory or data directory has changed",
                        "restart pgnode");
            }
            work = Work.begin(settings, guard);
            old.close();
            LOG.info("archiver reloaded");
        } finally {
            lock.unlock();
        }
    }

    /** What it does; any thread. */
    public ArchiverStatus status() {
        return work.desk().status();
    }

    private CompletableFuture<Answer> handle(Request request) {
        Work now = work;
        return switch (request) {
            case Request.Push(String path) -> push(now, Path.of(path));
            case Request.Get(String name, String destination) ->
                    get(now, name, Path.of(destination));
        };
    }

    private static CompletableFuture<Answer> push(Work work, Path path) {
        Optional<WalFile> file = WalFileName.parse(String.valueOf(path.getFileName()));
        if (file.isEmpty() || !isIn(work.settings().walDirectory(), path)) {
            return cannot(path + " is not WAL of " + work.settings().dataDir());
        }
        try {
            Duration limit = work.settings().limits().push();
            return work.desk()
                    .push(file.get(), path)
                    .handle((outcome, failure) -> pushed(outcome, failure))
                    .completeOnTimeout(
                            new Answer.Done(
                                    BackrestExit.ARCHIVE_TIMEOUT.code(),
                                    file.get().name()
                                            + " is not archived after "
                                            + limit.toSeconds()
                                            + " s; the archiver goes on with it"),
                            limit.toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            return done(BackrestExit.FILE_MISSING, "cannot read " + path + ": " + e.getMessage());
        }
    }

    private static Answer pushed(WalPusher.@Nullable Outcome outcome, @Nullable Throwable failure) {
        if (outcome != null) {
            return new Answer.Done(0, outcome.note());
        }
        Throwable cause =
                failure instanceof CompletionException wrapped && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : failure;
        if (cause instanceof BackupException e) {
            return e.exit() == BackrestExit.TERMINATED
                    ? new Answer.Cannot(OneLine.of(e))
                    : new Answer.Done(e.exit().code(), OneLine.of(e));
        }
        return new Answer.Done(BackrestExit.ASSERT.code(), OneLine.of(String.valueOf(cause)));
    }

    private static CompletableFuture<Answer> get(Work work, String name, Path destination) {
        Optional<WalFile> file = WalFileName.parse(name);
        if (file.isEmpty() || !isIn(work.settings().walDirectory(), destination)) {
            return cannot(destination + " is not in " + work.settings().walDirectory());
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread thread =
                Thread.ofPlatform()
                        .name("archive-get")
                        .daemon(true)
                        .start(() -> fetch(work, file.get(), answer));
        return answer.whenComplete(
                (_, _) -> {
                    if (answer.isCancelled()) {
                        thread.interrupt();
                    }
                });
    }

    private static void fetch(Work work, WalFile file, CompletableFuture<Answer> answer) {
        Answer end = fetched(work, file);
        if (!answer.complete(end)) {
            ArchiverServer.removeRest(end);
        }
    }

    private static Answer fetched(Work work, WalFile file) {
        try {
            Path place = work.prefetcher().newPlace();
            Answer.Done done =
                    work.fetch().fetch(file, place, RecoveryMode.of(work.settings().dataDir()));
            return done.exit() == 0 ? new Answer.Fetched(place.toString()) : done;
        } catch (IOException e) {
            return new Answer.Cannot("cannot use the archiver's directory: " + e.getMessage());
        } catch (InterruptedException e) {
            return new Answer.Cannot("nobody waits for it");
        } catch (RuntimeException e) {
            LOG.errorf(e, "get failed: file=%s", file.name());
            return new Answer.Cannot(OneLine.of(e.toString()));
        }
    }

    private static boolean isIn(Path directory, Path file) {
        Path parent = file.getParent();
        try {
            return parent != null && Files.isSameFile(directory, parent);
        } catch (IOException e) {
            return false;
        }
    }

    private static CompletableFuture<Answer> cannot(String reason) {
        return CompletableFuture.completedFuture(new Answer.Cannot(reason));
    }

    private static CompletableFuture<Answer> done(BackrestExit exit, String text) {
        return CompletableFuture.completedFuture(new Answer.Done(exit.code(), text));
    }

    /** Ends; whoever asks now does the work itself. */
    @Override
    public void close() {
        lock.lock();
        try {
            server.close();
            work.close();
            server.drain(DRAIN_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
