package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A repository in memory; many threads. */
final class FakeWal implements WalRepository {
    final Map<String, byte[]> stored = new ConcurrentHashMap<>();
    final Map<String, byte[]> quarantined = new ConcurrentHashMap<>();

    /** Names in the order in which they came. */
    final List<String> pushes = new CopyOnWriteArrayList<>();

    final List<String> gets = new CopyOnWriteArrayList<>();
    private final int key;
    volatile @Nullable BackupException failure;

    /** Every call waits for it. */
    volatile CountDownLatch hangUntil = new CountDownLatch(0);

    final AtomicInteger waiting = new AtomicInteger();

    FakeWal(int key) {
        this.key = key;
    }

    @Override
    public int key() {
        return key;
    }

    @Override
    public String describe() {
        return "repo" + key;
    }

    @Override
    public boolean push(WalFile file, Path source) throws BackupException {
        pushes.add(file.name());
        fail();
        byte[] content = read(source);
        byte[] before = stored.putIfAbsent(file.name(), content);
        if (before != null && !Arrays.equals(before, content)) {
            throw new BackupException(
                    BackrestExit.ARCHIVE_DUPLICATE, file.name() + " has another content");
        }
        return before == null;
    }

    @Override
    public boolean isThere(WalFile file) throws BackupException {
        fail();
        return stored.containsKey(file.name());
    }

    @Override
    public boolean has(WalFile file, Path source) throws BackupException {
        fail();
        return Arrays.equals(stored.get(file.name()), read(source));
    }

    @Override
    public void quarantine(WalFile file, Path source) throws BackupException {
        fail();
        quarantined.put(file.name(), read(source));
    }

    @Override
    public boolean get(WalFile file, Path destination) throws BackupException {
        gets.add(file.name());
        fail();
        byte[] content = stored.get(file.name());
        if (content == null) {
            return false;
        }
        try {
            Files.write(destination, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    @Override
    public Map<Integer, HistoryFile> histories() throws BackupException {
        fail();
        Map<Integer, HistoryFile> all = new HashMap<>();
        stored.forEach(
                (name, content) -> {
                    if (name.endsWith(".history")) {
                        all.put(
                                HistoryFile.timelineOf(name),
                                HistoryFile.parse(
                                        new String(
                                                content, java.nio.charset.StandardCharsets.UTF_8)));
                    }
                });
        return all;
    }

    private void fail() throws BackupException {
        waiting.incrementAndGet();
        try {
            hangUntil.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            waiting.decrementAndGet();
        }
        BackupException now = failure;
        if (now != null) {
            throw now;
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {}
}
