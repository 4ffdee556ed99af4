package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Repositories that failed, and until when nobody tries them ahead of PostgreSQL: a growing while,
 * so that one that is away neither costs the others their WAL nor is stormed when it is back.
 */
final class RepositoryPause {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MAX_DOUBLINGS = 5;

    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final Map<Integer, Pause> pauses = new ConcurrentHashMap<>();

    private record Pause(int failures, long untilNanos, BackupException reason) {}

    /**
     * @param nanos a monotonic clock
     * @param random many threads
     */
    RepositoryPause(LongSupplier nanos, RandomGenerator random) {
        this.nanos = nanos;
        this.random = random;
    }

    /** Why it is not to be tried now. */
    Optional<BackupException> of(WalRepository repository) {
        Pause pause = pauses.get(repository.key());
        return pause == null || nanos.getAsLong() - pause.untilNanos() >= 0
                ? Optional.empty()
                : Optional.of(pause.reason());
    }

    void succeeded(WalRepository repository) {
        pauses.remove(repository.key());
    }

    /** What fails because of the file says nothing about the repository. */
    void failed(WalRepository repository, BackupException reason) {
        switch (reason.exit()) {
            case ARCHIVE_DUPLICATE, ARCHIVE_MISMATCH, FORMAT, FILE_INVALID -> {}
            default -> pauses.compute(repository.key(), (_, before) -> next(before, reason));
        }
    }

    /** Those that were under way when a pause began are not a reason for a longer one. */
    private Pause next(@Nullable Pause before, BackupException reason) {
        long now = nanos.getAsLong();
        if (before != null && now - before.untilNanos() < 0) {
            return before;
        }
        int failures = before == null ? 1 : Math.min(before.failures() + 1, MAX_DOUBLINGS + 1);
        long pause = Math.min(FIRST.toNanos() << (failures - 1), LONGEST.toNanos());
        return new Pause(failures, now + random.nextLong(pause / 2, pause + 1), reason);
    }
}
