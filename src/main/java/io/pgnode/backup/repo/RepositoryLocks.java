package io.pgnode.backup.repo;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackrestJson;
import io.pgnode.backup.core.BackupException;
import io.pgnode.os.LockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * pgBackRest's locks of this host, which we hold, too, while we do what it would do: it then ends
 * with exit code 50, and so do we while it holds them.
 */
public final class RepositoryLocks {
    /** Where pgBackRest has them unless it is configured otherwise. */
    public static final Path DEFAULT_DIRECTORY = Path.of("/tmp/pgbackrest");

    /** pgBackRest counts hundredths of a per cent. */
    private static final long WHOLE = 10_000;

    private final Path directory;

    /** What a lock is for. */
    public enum Type {
        /** archive-push and archive-get, in the background. */
        ARCHIVE,
        /** Backup, expire and whatever changes a stanza's backups. */
        BACKUP,
        RESTORE;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A lock that is held; closing releases it. */
    public interface Held extends AutoCloseable {
        /**
         * Says how far the job is, for {@code pgbackrest info}.
         *
         * @param done bytes
         * @param total bytes
         */
        void progress(long done, long total) throws BackupException;

        @Override
        void close();
    }

    /**
     * What the holder of a lock says of itself.
     *
     * @param size bytes; 0 when it does not say
     * @param sizeComplete bytes; 0 when it does not say
     */
    public record Holder(long pid, long size, long sizeComplete) {}

    public RepositoryLocks(Path directory) {
        this.directory = directory;
    }

    /**
     * Takes a lock, at once.
     *
     * @param repositoryKey whose: later pgBackRests lock each repository by itself, those before
     *     the stanza; both are taken
     * @throws BackupException {@code LOCK_ACQUIRE} when it is held, {@code STOPPED} while {@code
     *     pgbackrest stop} is in force
     */
    public Held acquire(String stanza, Type type, int repositoryKey) throws BackupException {
        new StopFiles(directory).check(stanza);
        List<LockFile> held = new ArrayList<>();
        boolean all = false;
        try {
            Files.createDirectories(directory);
            for (Path file : files(stanza, type, repositoryKey)) {
                held.add(LockFile.tryAcquire(file).orElseThrow(() -> held(file)));
            }
            HeldFiles result = new HeldFiles(List.copyOf(held), execId());
            result.write(Map.of());
            all = true;
            return result;
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.LOCK_ACQUIRE,
                    "cannot lock stanza " + stanza + ": " + e.getMessage(),
                    "see that the lock directory's owner is this user",
                    e);
        } finally {
            if (!all) {
                held.forEach(LockFile::close);
            }
        }
    }

    private List<Path> files(String stanza, Type type, int repositoryKey) {
        return List.of(
                directory.resolve(stanza + "-" + type.text() + ".lock"),
                directory.resolve(stanza + "-" + type.text() + "-" + repositoryKey + ".lock"));
    }

    private BackupException held(Path file) {
        return new BackupException(
                BackrestExit.LOCK_ACQUIRE,
                "unable to acquire lock on file " + file + ": it is held by " + holderText(file),
                "is another backup, expire or pgbackrest running?");
    }

    private static String holderText(Path file) {
        long pid = read(file).pid();
        return pid == 0 ? "another process" : "process " + pid;
    }

    private static String execId() {
        return "%d-%08x".formatted(ProcessHandle.current().pid(), new SecureRandom().nextInt());
    }

    private record HeldFiles(List<LockFile> files, String execId) implements Held {
        @Override
        public void progress(long done, long total) throws BackupException {
            Map<String, Object> sizes = new LinkedHashMap<>();
            sizes.put("sz", total);
            sizes.put("szCplt", done);
            try {
                write(sizes);
            } catch (IOException e) {
                throw Failures.of("cannot write the progress to the lock file", e);
            }
        }

        private void write(Map<String, Object> sizes) throws IOException {
            Map<String, Object> content = new LinkedHashMap<>();
            content.put("execId", execId);
            if (!sizes.isEmpty()) {
                content.put("pctCplt", percent(sizes));
            }
            content.put("pid", ProcessHandle.current().pid());
            content.putAll(sizes);
            byte[] json = BackrestJson.render(content).getBytes(StandardCharsets.UTF_8);
            for (LockFile file : files) {
                file.write(json);
            }
        }

        private static long percent(Map<String, Object> sizes) {
            double total = ((Number) sizes.getOrDefault("sz", 0L)).doubleValue();
            double done = ((Number) sizes.getOrDefault("szCplt", 0L)).doubleValue();
            return total <= 0 ? 0 : Math.min(WHOLE, (long) (done / total * WHOLE));
        }

        @Override
        public void close() {
            files.reversed().forEach(LockFile::close);
        }
    }

    /** Who has a lock; empty when nobody has. */
    public Optional<Holder> holder(String stanza, Type type, int repositoryKey)
            throws BackupException {
        for (Path file : files(stanza, type, repositoryKey)) {
            try {
                if (LockFile.isHeld(file)) {
                    return Optional.of(read(file));
                }
            } catch (IOException e) {
                throw Failures.of("cannot look at the lock " + file, e);
            }
        }
        return Optional.empty();
    }

    /** What it says; zeros when it is being written right now. */
    private static Holder read(Path file) {
        try {
            if (BackrestJson.parse(Files.readString(file)) instanceof Map<?, ?> content) {
                return new Holder(
                        number(content, "pid"), number(content, "sz"), number(content, "szCplt"));
            }
        } catch (IOException | IllegalArgumentException e) {
            // Its holder is what matters; what it says is a courtesy.
        }
        return new Holder(0, 0, 0);
    }

    private static long number(Map<?, ?> content, String key) {
        return content.get(key) instanceof Long number ? number : 0;
    }
}
