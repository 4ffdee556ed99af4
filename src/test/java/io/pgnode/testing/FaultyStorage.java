package io.pgnode.testing;

import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageException;
import io.pgnode.backup.storage.StorageOutput;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A storage that fails at the n-th step that would change it: after that, as for a process that was
 * killed, nothing works any more; or only that one step fails. A step that changes several objects
 * does some of them before it fails. Closing does not close what is behind it.
 *
 * <p>Run something once with {@link #counting} to know how many steps it takes, then once for each
 * of them with {@link #killedAt}, each time on a fresh copy.
 */
public final class FaultyStorage implements Storage {
    private final Storage behind;
    private final int failAt;
    private final boolean once;
    private final StorageException.Kind kind;
    private final AtomicInteger steps = new AtomicInteger();

    private FaultyStorage(Storage behind, int failAt, boolean once, StorageException.Kind kind) {
        this.behind = behind;
        this.failAt = failAt;
        this.once = once;
        this.kind = kind;
    }

    /** Never fails. */
    public static FaultyStorage counting(Storage behind) {
        return killedAt(behind, Integer.MAX_VALUE);
    }

    /**
     * Fails at a step and ever after, reads too.
     *
     * @param step from 0
     */
    public static FaultyStorage killedAt(Storage behind, int step) {
        return new FaultyStorage(behind, step, false, StorageException.Kind.OTHER);
    }

    /**
     * Fails at one step only.
     *
     * @param step from 0
     */
    public static FaultyStorage failingOnceAt(
            Storage behind, int step, StorageException.Kind kind) {
        return new FaultyStorage(behind, step, true, kind);
    }

    /** Steps that were begun so far. */
    public int steps() {
        return steps.get();
    }

    /** Whether it failed. */
    public boolean hasFailed() {
        return steps.get() > failAt;
    }

    /** Whether this step fails. */
    private boolean begin() {
        int step = steps.getAndIncrement();
        return once ? step == failAt : step >= failAt;
    }

    private void step(String what, String path) throws IOException {
        if (begin()) {
            throw failure(what, path);
        }
    }

    private void read(String path) throws IOException {
        if (!once && hasFailed()) {
            throw failure("read", path);
        }
    }

    private StorageException failure(String what, String path) {
        return new StorageException(
                kind, "fault of the test at step " + failAt + ", " + what + " of " + path);
    }

    @Override
    public String describe() {
        return behind.describe();
    }

    @Override
    public boolean hasLinks() {
        return behind.hasLinks();
    }

    @Override
    public Optional<ObjectInfo> info(String path) throws IOException {
        read(path);
        return behind.info(path);
    }

    @Override
    public List<ObjectInfo> list(String directory, String prefix) throws IOException {
        read(directory);
        return behind.list(directory, prefix);
    }

    @Override
    public List<ObjectInfo> walk(String directory) throws IOException {
        read(directory);
        return behind.walk(directory);
    }

    @Override
    public byte[] read(String path, int limit) throws IOException {
        read(path);
        return behind.read(path, limit);
    }

    @Override
    public InputStream open(String path) throws IOException {
        read(path);
        return behind.open(path);
    }

    @Override
    public InputStream open(String path, long offset, long length) throws IOException {
        read(path);
        return behind.open(path, offset, length);
    }

    @Override
    public void put(String path, byte[] content) throws IOException {
        step("put", path);
        behind.put(path, content);
    }

    @Override
    public StorageOutput create(String path, long expectedSize) throws IOException {
        read(path);
        StorageOutput output = behind.create(path, expectedSize);
        return new StorageOutput() {
            @Override
            public void write(byte[] data, int offset, int length) throws IOException {
                read(path);
                output.write(data, offset, length);
            }

            @Override
            public void commit() throws IOException {
                step("commit", path);
                output.commit();
            }

            @Override
            public void close() {
                output.close();
            }
        };
    }

    @Override
    public void makeDirectory(String path) throws IOException {
        step("make directory", path);
        behind.makeDirectory(path);
    }

    @Override
    public Optional<String> linkTarget(String path) throws IOException {
        read(path);
        return behind.linkTarget(path);
    }

    @Override
    public void link(String path, String target) throws IOException {
        step("link", path);
        behind.link(path, target);
    }

    @Override
    public void remove(String path) throws IOException {
        step("remove", path);
        behind.remove(path);
    }

    @Override
    public void removeAll(Collection<String> paths) throws IOException {
        if (begin()) {
            behind.removeAll(everyOther(List.copyOf(paths)));
            throw failure("remove of " + paths.size(), paths.toString());
        }
        behind.removeAll(paths);
    }

    @Override
    public void removeTree(String directory) throws IOException {
        if (begin()) {
            behind.removeAll(
                    everyOther(
                            behind.walk(directory).stream()
                                    .filter(object -> !object.isDirectory())
                                    .map(object -> directory + "/" + object.name())
                                    .toList()));
            throw failure("remove of the tree", directory);
        }
        behind.removeTree(directory);
    }

    @Override
    public boolean putIfAbsent(String path, byte[] content) throws IOException {
        step("put", path);
        return behind.putIfAbsent(path, content);
    }

    @Override
    public int removeUnfinished(String directory, Instant before) throws IOException {
        step("remove unfinished", directory);
        return behind.removeUnfinished(directory, before);
    }

    private static List<String> everyOther(List<String> paths) {
        return IntStream.range(0, paths.size())
                .filter(i -> i % 2 == 0)
                .mapToObj(paths::get)
                .toList();
    }

    @Override
    public void close() {}
}
