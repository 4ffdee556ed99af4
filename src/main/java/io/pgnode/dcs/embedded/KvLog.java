package io.pgnode.dcs.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The state on disk: one file, {@code state-<number>.log}, that begins with an image of everything
 * and goes on with what happened since. When it has grown, a new file with a new image replaces it.
 *
 * <pre>
 *   frame = magic(4) length(4) sequence(8) crc32c(4, of sequence and payload) payload(length)
 * </pre>
 *
 * <p>One frame is what one sync made durable. A torn frame at the end was never acknowledged, and
 * is cut off; damage before an intact frame means that acknowledged data is gone, and refuses to
 * open. Confined to one thread.
 */
final class KvLog implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KvLog.class);
    private static final int MAGIC = 0x70676b31; // "pgk1"
    private static final int HEADER_BYTES = 20;

    /** A file is replaced when what follows the image is larger than this and than the image. */
    private static final long REPLACE_BYTES = 8 << 20;

    private static final String PREFIX = "state-";
    private static final String SUFFIX = ".log";
    private static final String TEMPORARY = ".tmp";

    private final Path directory;
    private final FileChannel lockFile;
    private final FileLock lock;
    private @Nullable FileChannel file;
    private long number;
    private long sequence;
    private long imageBytes;

    private KvLog(Path directory, FileChannel lockFile, FileLock lock, @Nullable FileChannel file) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.lock = lock;
        this.file = file;
    }

    /**
     * @param state what was read, or an empty state in a new directory
     */
    record Opened(KvLog log, KvState state) {}

    /**
     * Opens or creates the store in {@code directory}.
     *
     * @param firstLeaseId for a new store
     * @param nowNanos leases have their whole time to live from now on
     */
    static Opened open(Path directory, int historyLimit, LongSupplier firstLeaseId, long nowNanos)
            throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, mode("rwx------"));
        }
        FileChannel lockFile =
                FileChannel.open(
                        directory.resolve("lock"),
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        mode("rw-------"));
        FileLock lock = tryLock(lockFile);
        if (lock == null) {
            lockFile.close();
            throw new IOException(
                    directory
                            + " is in use by another process\nHINT: stop the other pgnode dcs, or choose another --data-dir");
        }
        try {
            Path newest = newest(directory);
            if (newest != null) {
                return read(directory, newest, historyLimit, nowNanos, lockFile, lock);
            }
            KvState state = new KvState(firstLeaseId.getAsLong(), historyLimit);
            KvLog log = new KvLog(directory, lockFile, lock, null);
            log.replaceBy(state.image());
            return new Opened(log, state);
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static @Nullable FileLock tryLock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // in this process
        }
    }

    private static @Nullable Path newest(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> numberOf(file) >= 0)
                    .max((a, b) -> Long.compare(numberOf(a), numberOf(b)))
                    .orElse(null);
        }
    }

    private static long numberOf(Path file) {
        String name = file.getFileName().toString();
        if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) {
            return -1;
        }
        try {
            return Long.parseLong(name, PREFIX.length(), name.length() - SUFFIX.length(), 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    // Reading

    private static Opened read(
            Path directory,
            Path path,
            int historyLimit,
            long nowNanos,
            FileChannel lockFile,
            FileLock lock)
            throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            KvLog log = new KvLog(directory, lockFile, lock, file);
            log.number = numberOf(path);
            KvState state = log.replay(path, file, historyLimit, nowNanos);
            log.removeOthers();
            return new Opened(log, state);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private KvState replay(Path path, FileChannel file, int historyLimit, long nowNanos)
            throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        KvState state = null;
        int position = 0;
        for (byte[] payload = frame(bytes, position, sequence + 1);
                payload != null;
                payload = frame(bytes, position, sequence + 1)) {
            for (KvRecord record : KvCodec.decode(payload)) {
                if (record instanceof KvRecord.Image(KvState.Image image)) {
                    state = KvState.restore(image, historyLimit, nowNanos);
                } else if (state == null) {
                    throw new IOException(path + " does not begin with an image");
                } else {
                    replay(state, record, nowNanos);
                }
            }
            sequence++;
            position += HEADER_BYTES + payload.length;
            if (imageBytes == 0) {
                imageBytes = position;
            }
        }
        if (state == null) {
            throw new IOException(damaged(path, 0));
        }
        if (position < bytes.length) {
            cutTornEnd(path, file, bytes, position);
        }
        file.position(position);
        return state;
    }

    private static void replay(KvState state, KvRecord record, long nowNanos) {
        switch (record) {
            case KvRecord.Image _ -> throw new IllegalStateException("image out of place");
            case KvRecord.Batch(KvBatch batch) -> state.replay(batch);
            case KvRecord.Grant(long id, long ttlNanos, long nextId) ->
                    state.replayGrant(id, ttlNanos, nextId, nowNanos);
            case KvRecord.End(long id) -> state.replayEnd(id);
            case KvRecord.Compact(long revision) -> state.compact(revision);
        }
    }

    private static void cutTornEnd(Path path, FileChannel file, byte[] bytes, int position)
            throws IOException {
        ByteBuffer ints = ByteBuffer.wrap(bytes);
        for (int later = position + 1; later + HEADER_BYTES <= bytes.length; later++) {
            if (ints.getInt(later) == MAGIC && frame(bytes, later, -1) != null) {
                throw new IOException(damaged(path, position));
            }
        }
        LOG.warnf(
                "cut off an unfinished write: file=%s offset=%d bytes=%d",
                path, position, bytes.length - position);
        file.truncate(position);
        file.force(true);
    }

    private static String damaged(Path path, int position) {
        return path
                + " is damaged at offset "
                + position
                + ": acknowledged data is missing\n"
                + "HINT: restore the directory from a copy, or move it away to start empty; the"
                + " cluster keys are written again by its members";
    }

    /**
     * The payload of the frame at {@code position}; null when there is no intact one.
     *
     * @param expected its sequence number; negative for any
     */
    private static byte @Nullable [] frame(byte[] bytes, int position, long expected) {
        ByteBuffer header = ByteBuffer.wrap(bytes);
        if (position + HEADER_BYTES > bytes.length || header.getInt(position) != MAGIC) {
            return null;
        }
        int length = header.getInt(position + 4);
        long number = header.getLong(position + 8);
        int body = position + HEADER_BYTES;
        if (length < 0
                || length > bytes.length - body
                || expected >= 0 && number != expected
                || header.getInt(position + 16) != checksum(number, bytes, body, length)) {
            return null;
        }
        return Arrays.copyOfRange(bytes, body, body + length);
    }

    private static int checksum(long sequence, byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        for (int shift = 56; shift >= 0; shift -= 8) {
            crc.update((int) (sequence >>> shift));
        }
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    // Writing

    /** Makes the records durable. When it throws, the log must not be used any more. */
    void append(List<KvRecord> records) throws IOException {
        FileChannel current = Objects.requireNonNull(file);
        write(current, KvCodec.encode(records), ++sequence);
        current.force(false);
    }

    boolean shouldBeReplaced() throws IOException {
        long since = Objects.requireNonNull(file).position() - imageBytes;
        return since > REPLACE_BYTES && since > imageBytes;
    }

    /** Goes on in a new file that begins with {@code image}. */
    void replaceBy(KvState.Image image) throws IOException {
        Path path = directory.resolve(PREFIX + "%016x".formatted(number + 1) + SUFFIX);
        Path temporary = Path.of(path + TEMPORARY);
        FileChannel replacement =
                FileChannel.open(
                        temporary,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        mode("rw-------"));
        write(replacement, KvCodec.encode(List.of(new KvRecord.Image(image))), 1);
        replacement.force(true);
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        syncDirectory();
        if (file != null) {
            file.close();
        }
        file = replacement;
        number++;
        sequence = 1;
        imageBytes = replacement.position();
        removeOthers();
    }

    private static void write(FileChannel to, byte[] payload, long sequence) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + payload.length);
        frame.putInt(MAGIC)
                .putInt(payload.length)
                .putLong(sequence)
                .putInt(checksum(sequence, payload, 0, payload.length))
                .put(payload)
                .flip();
        while (frame.hasRemaining()) {
            to.write(frame);
        }
    }

    private void removeOthers() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path other :
                    files.filter(
                                    f ->
                                            f.toString().endsWith(SUFFIX + TEMPORARY)
                                                    || numberOf(f) >= 0 && numberOf(f) < number)
                            .filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
                            .toList()) {
                Files.delete(other);
            }
        }
        syncDirectory();
    }

    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (file != null) {
                file.close();
            }
        } finally {
            lock.release();
            lockFile.close();
        }
    }
}
