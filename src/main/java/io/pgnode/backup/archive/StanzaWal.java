package io.pgnode.backup.archive;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.codec.Sha1;
import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.repo.PushResult;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.StopFiles;
import io.pgnode.backup.repo.StoredWal;
import io.pgnode.backup.repo.WalSource;
import io.pgnode.backup.storage.StorageOutput;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** WAL of a stanza of a real repository. */
final class StanzaWal implements WalRepository {
    /** The tree of a repository that is ours and that pgBackRest does not look at. */
    static final String SIDECAR = "pgnode";

    /** A history of 10 000 switches has fewer. */
    private static final int MAX_PLAIN_BYTES = 1 << 20;

    /** Requests of an object store cost time and money. */
    private static final Duration STANZA_KNOWN = Duration.ofSeconds(3);

    private static final Duration HISTORIES_KNOWN = Duration.ofSeconds(3);

    private final Repository repository;
    private final StopFiles stops;
    private final String member;
    private final Compression compression;
    private final LongSupplier nanos;
    private final Map<String, HistoryFile> parsed = new ConcurrentHashMap<>();
    private volatile @Nullable Known known;
    private volatile @Nullable Since thereSince;

    /** When the stanza was seen. */
    private record Since(long nanos) {}

    private record Known(Map<Integer, HistoryFile> histories, long sinceNanos) {}

    /**
     * @param repository is closed with this
     * @param member names the quarantine
     * @param nanos a monotonic clock
     */
    StanzaWal(
            Repository repository,
            StopFiles stops,
            String member,
            Compression compression,
            LongSupplier nanos) {
        this.repository = repository;
        this.stops = stops;
        this.member = member;
        this.compression = compression;
        this.nanos = nanos;
    }

    @Override
    public int key() {
        return repository.key();
    }

    @Override
    public String describe() {
        return repository.describe();
    }

    @Override
    public boolean push(WalFile file, Path source) throws BackupException {
        stops.check(repository.stanza());
        if (isMounted() || !wasThereJustNow()) {
            mustBeThere();
        }
        try {
            return pushOnce(file, source);
        } catch (BackupException e) {
            if (e.exit() != BackrestExit.ARCHIVE_MISMATCH) {
                throw e;
            }
            repository.archive().refresh(); // the stanza may have been upgraded meanwhile
            return pushOnce(file, source);
        }
    }

    private boolean pushOnce(WalFile file, Path source) throws BackupException {
        return repository.archive().push(file, WalSource.of(source), compression)
                == PushResult.STORED;
    }

    /**
     * A file system that is not mounted any more looks like an empty repository: what is written
     * there is lost, and what is not there proves nothing.
     */
    private void mustBeThere() throws BackupException {
        long before = nanos.getAsLong();
        String info = "archive/" + repository.stanza() + "/" + ArchiveInfo.FILE;
        try {
            if (repository.storage().info(info).isEmpty()) {
                repository.archive().refresh();
                repository.archive().info(); // says what is wrong, or finds the copy
            }
            thereSince = new Since(before);
        } catch (IOException e) {
            throw failed("find " + info, e);
        }
    }

    /**
     * A bucket does not vanish behind our back, and a question is one of three requests of a push.
     */
    private boolean isMounted() {
        return repository.storage().hasLinks();
    }

    private boolean wasThereJustNow() {
        Since last = thereSince;
        return last != null && nanos.getAsLong() - last.nanos() < STANZA_KNOWN.toNanos();
    }

    @Override
    public boolean isThere(WalFile file) throws BackupException {
        return repository.archive().find(file).isPresent();
    }

    @Override
    public boolean has(WalFile file, Path source) throws BackupException {
        Optional<StoredWal> found = repository.archive().find(file);
        if (found.isEmpty()) {
            return false;
        }
        Checksum stored = found.get().checksum();
        try {
            return stored != null
                    ? stored.equals(checksum(source))
                    : Arrays.equals(
                            repository
                                    .files()
                                    .read(
                                            found.get().path(),
                                            repository.archive().pass(),
                                            MAX_PLAIN_BYTES),
                            Files.readAllBytes(source));
        } catch (IOException e) {
            throw failed("compare " + file.name(), e);
        }
    }

    @Override
    public void quarantine(WalFile file, Path source) throws BackupException {
        mustBeThere();
        try {
            CompressType type = file.isPlain() ? CompressType.NONE : compression.type();
            int level = compression.level().orElse(type.defaultLevel());
            String path = quarantinePath(file, checksum(source)) + type.suffix();
            if (repository.storage().info(path).isPresent()) {
                return;
            }
            try (InputStream in = Files.newInputStream(source);
                    StorageOutput out =
                            repository
                                    .files()
                                    .create(path, Files.size(source), repository.archive().pass());
                    Pipeline pipeline =
                            new Pipeline(
                                    type == CompressType.NONE
                                            ? List.of()
                                            : List.of(Filters.compressor(type, level, false)),
                                    Pipeline.Digests.NONE,
                                    null,
                                    out::write)) {
                pipeline.copy(in, Long.MAX_VALUE, new byte[Pipeline.BLOCK_SIZE]);
                out.commit();
            }
        } catch (IOException e) {
            throw failed("keep " + file.name() + " in quarantine", e);
        }
    }

    private String quarantinePath(WalFile file, Checksum checksum) throws BackupException {
        return String.join(
                "/",
                SIDECAR,
                repository.stanza(),
                "quarantine",
                member,
                repository.archive().archiveId(),
                file.path() + "-" + checksum);
    }

    private static Checksum checksum(Path source) throws IOException {
        Sha1 sha1 = new Sha1();
        byte[] block = new byte[Pipeline.BLOCK_SIZE];
        try (InputStream in = Files.newInputStream(source)) {
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                sha1.update(block, 0, count);
            }
        }
        return sha1.digest();
    }

    @Override
    public boolean get(WalFile file, Path destination) throws BackupException {
        if (repository.archive().get(file, destination)) {
            return true;
        }
        mustBeThere();
        return false;
    }

    @Override
    public Map<Integer, HistoryFile> histories() throws BackupException {
        Known last = known;
        if (last != null && nanos.getAsLong() - last.sinceNanos() < HISTORIES_KNOWN.toNanos()) {
            return last.histories();
        }
        long before = nanos.getAsLong();
        Map<Integer, HistoryFile> all = new HashMap<>();
        for (StoredWal stored : repository.archive().histories(repository.archive().archiveId())) {
            if (stored.file() instanceof WalFile.History(int timeline)) {
                all.put(timeline, history(stored));
            }
        }
        known = new Known(Map.copyOf(all), before);
        return all;
    }

    private HistoryFile history(StoredWal stored) throws BackupException {
        HistoryFile before = parsed.get(stored.path());
        if (before != null) {
            return before;
        }
        try {
            HistoryFile history =
                    HistoryFile.parse(
                            new String(
                                    repository
                                            .files()
                                            .read(
                                                    stored.path(),
                                                    repository.archive().pass(),
                                                    MAX_PLAIN_BYTES),
                                    StandardCharsets.UTF_8));
            parsed.put(stored.path(), history);
            return history;
        } catch (IOException e) {
            throw failed("read " + stored.path(), e);
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    BackrestExit.FORMAT, stored.path() + " is damaged: " + e.getMessage(), null, e);
        }
    }

    private BackupException failed(String what, IOException e) {
        return new BackupException(
                BackrestExit.FILE_WRITE,
                "cannot " + what + " in " + describe() + ": " + e.getMessage(),
                null,
                e);
    }

    @Override
    public void close() {
        repository.close();
    }
}
