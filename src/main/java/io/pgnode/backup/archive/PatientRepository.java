package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.os.Directories;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A repository beside others, which may hang without end, as a mounted file system does whose
 * server is gone: what is asked of it is given up after a while, so that the others are served.
 *
 * <p>A call that was given up goes on by itself: it cannot be ended. What it stores late is right
 * and is found by the next call; what it fetches late is thrown away. There are a few of them at
 * most; while they hang nothing more is asked.
 */
final class PatientRepository implements WalRepository {
    private static final int MAX_LATE = 4;

    private final WalRepository behind;
    private final Duration limit;
    private final AtomicInteger late = new AtomicInteger();
    private final AtomicLong fetches = new AtomicLong();

    /** Is asked of the repository. */
    private interface Call<T> {
        T run() throws BackupException;
    }

    /**
     * @param behind is closed with this
     * @param limit of a call
     */
    PatientRepository(WalRepository behind, Duration limit) {
        this.behind = behind;
        this.limit = limit;
    }

    @Override
    public int key() {
        return behind.key();
    }

    @Override
    public String describe() {
        return behind.describe();
    }

    @Override
    public boolean push(WalFile file, Path source) throws BackupException {
        return await(begin(() -> behind.push(file, source)));
    }

    @Override
    public boolean isThere(WalFile file) throws BackupException {
        return await(begin(() -> behind.isThere(file)));
    }

    @Override
    public boolean has(WalFile file, Path source) throws BackupException {
        return await(begin(() -> behind.has(file, source)));
    }

    @Override
    public void quarantine(WalFile file, Path source) throws BackupException {
        boolean _ =
                await(
                        begin(
                                () -> {
                                    behind.quarantine(file, source);
                                    return true;
                                }));
    }

    @Override
    public Map<Integer, HistoryFile> histories() throws BackupException {
        return await(begin(behind::histories));
    }

    /** What comes late must not come to the destination: another file may be there by then. */
    @Override
    public boolean get(WalFile file, Path destination) throws BackupException {
        Path own =
                destination.resolveSibling(
                        destination.getFileName()
                                + ".repo"
                                + key()
                                + "-"
                                + fetches.getAndIncrement());
        CompletableFuture<Boolean> fetched = begin(() -> behind.get(file, own));
        try {
            if (!await(fetched)) {
                return false;
            }
            Files.move(
                    own,
                    destination,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Path directory = destination.toAbsolutePath().getParent();
            if (directory != null) {
                Directories.sync(directory);
            }
            return true;
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_WRITE,
                    "cannot write " + destination + ": " + e.getMessage(),
                    null,
                    e);
        } finally {
            fetched.whenComplete((_, _) -> remove(own));
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // It is in the way of nobody, and written over by the next process.
        }
    }

    private <T> CompletableFuture<T> begin(Call<T> call) throws BackupException {
        if (late.get() >= MAX_LATE) {
            throw silent("has not answered " + MAX_LATE + " calls");
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon(true)
                .name("archive-repo" + key())
                .start(
                        () -> {
                            try {
                                result.complete(call.run());
                            } catch (BackupException | RuntimeException | Error e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private <T> T await(CompletableFuture<T> result) throws BackupException {
        try {
            return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            late.incrementAndGet();
            result.whenComplete((_, _) -> late.decrementAndGet());
            throw silent("does not answer for " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case BackupException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(BackrestExit.TERMINATED, "interrupted");
        }
    }

    private BackupException silent(String how) {
        return new BackupException(
                BackrestExit.HOST_CONNECT,
                describe() + " " + how,
                "see that the store, or the server of the mounted file system, is there");
    }

    @Override
    public void close() {
        behind.close();
    }
}
