package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageOutput;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.backup.storage.Storages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir private Path root;
    private Storage storage;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private Leftovers leftovers;

    @BeforeEach
    void open() throws Exception {
        storage = Storages.open(new StorageSettings.Posix(root));
        leftovers = new Leftovers(storage, now::get);
        storage.put("a/1", new byte[1]);
        storage.put("b/2", new byte[1]);
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private int files(String directory) throws IOException {
        try (Stream<Path> all = Files.list(root.resolve(directory))) {
            return (int) all.count();
        }
    }

    /** As a process that was killed: written, and neither committed nor closed. */
    @SuppressWarnings("resource")
    private StorageOutput leave(String path) throws IOException {
        StorageOutput out = storage.create(path, 1);
        out.write(new byte[] {1}, 0, 1);
        return out;
    }

    @Test
    void whatKilledPushesLeftIsRemovedWhenItIsOld() throws Exception {
        List<StorageOutput> left = List.of(leave("a/1"), leave("a/3"), leave("b/2"));

        leftovers.stored("a");
        leftovers.stored("b");
        assertThat(files("a")).isEqualTo(3); // somebody may be writing them

        now.set(now.get().plus(Duration.ofHours(2)));
        leftovers.stored("a");
        assertThat(files("a")).isEqualTo(3); // what it left, not what it comes to
        assertThat(files("b")).isEqualTo(1);
        leftovers.stored("b");
        assertThat(files("a")).isEqualTo(1);
        assertThat(storage.list("a")).hasSize(1);
        left.forEach(StorageOutput::close);
    }
}
