package io.pgnode.backup.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every storage does. */
abstract class StorageContract {
    private static final int MIB = 1024 * 1024;

    Storage storage;

    /** A new one, with an empty root. */
    abstract Storage open() throws Exception;

    @BeforeEach
    void openStorage() throws Exception {
        storage = open();
    }

    @AfterEach
    void closeStorage() {
        storage.close();
    }

    @Test
    void whatIsPutIsReadListedAndReplaced() throws IOException {
        storage.put("archive/main/archive.info", bytes("one"));
        storage.put("archive/main/archive.info", bytes("three"));

        assertThat(read("archive/main/archive.info")).isEqualTo("three");
        ObjectInfo info = storage.info("archive/main/archive.info").orElseThrow();
        assertThat(info.isFile()).isTrue();
        assertThat(info.name()).isEqualTo("archive/main/archive.info");
        assertThat(info.size()).isEqualTo(5);
        assertThat(info.modified()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        assertThat(names("archive/main")).containsExactly("archive.info");
    }

    @Test
    void emptyObjectIsAnObject() throws IOException {
        storage.put("empty", new byte[0]);
        try (StorageOutput out = storage.create("empty2", 0)) {
            out.commit();
        }

        assertThat(storage.read("empty", 10)).isEmpty();
        assertThat(storage.read("empty2", 10)).isEmpty();
        assertThat(storage.info("empty").orElseThrow().size()).isZero();
    }

    @Test
    void missingObjectIsProvenMissing() throws IOException {
        storage.put("a/b", bytes("x"));

        assertThat(storage.info("a/c")).isEmpty();
        assertThat(storage.info("a/b/c")).isEmpty();
        assertThat(storage.list("nowhere")).isEmpty();
        assertThat(storage.walk("nowhere")).isEmpty();
        assertFails(Kind.MISSING, () -> storage.read("a/c", 10), "a/c");
        assertFails(Kind.MISSING, () -> storage.open("a/c").read(), "a/c");
        assertFails(Kind.MISSING, () -> storage.open("a/c", 1, 2).read(), "a/c");
    }

    @Test
    void directoryIsListedByNameWithKinds() throws IOException {
        storage.put("backup/b/manifest", bytes("1"));
        storage.put("backup/a/manifest", bytes("22"));
        storage.put("backup/a-b/x", bytes("3"));
        storage.put("backup/backup.info", bytes("4"));
        storage.put("other", bytes("5"));

        List<ObjectInfo> entries = storage.list("backup");

        assertThat(entries)
                .extracting(ObjectInfo::name)
                .containsExactly("a", "a-b", "b", "backup.info");
        assertThat(entries)
                .extracting(ObjectInfo::isDirectory)
                .containsExactly(true, true, true, false);
        assertThat(names("")).containsExactly("backup", "other");
        assertThat(storage.info("backup/a").orElseThrow().isDirectory()).isTrue();
        assertThat(storage.info("backup/b").orElseThrow().isDirectory()).isTrue();
        assertThat(storage.info("bac")).isEmpty();
    }

    @Test
    void entriesAreListedByTheirBeginning() throws IOException {
        storage.put("wal/0001", bytes("1"));
        storage.put("wal/0001-a", bytes("22"));
        storage.put("wal/0001-b", bytes("333"));
        storage.put("wal/0001-c/x", bytes("4"));
        storage.put("wal/0002-a", bytes("5"));

        List<ObjectInfo> entries = storage.list("wal", "0001-");

        assertThat(entries)
                .extracting(ObjectInfo::name)
                .containsExactly("0001-a", "0001-b", "0001-c");
        assertThat(entries).extracting(ObjectInfo::size).startsWith(2L, 3L);
        assertThat(entries).extracting(ObjectInfo::isDirectory).containsExactly(false, false, true);
        assertThat(storage.list("wal", "3")).isEmpty();
        assertThat(storage.list("wal", "")).isEqualTo(storage.list("wal"));
        assertThat(storage.list("nowhere", "0")).isEmpty();
    }

    @Test
    void treeIsWalkedDirectoriesFirst() throws IOException {
        storage.put("t/b/x", bytes("1"));
        storage.put("t/b-c/y", bytes("22"));
        storage.put("t/a", bytes("333"));
        storage.put("tt", bytes("no"));

        assertThat(storage.walk("t"))
                .extracting(ObjectInfo::name)
                .containsExactly("a", "b", "b/x", "b-c", "b-c/y");
        assertThat(storage.walk(""))
                .extracting(ObjectInfo::name)
                .containsExactly("t", "t/a", "t/b", "t/b/x", "t/b-c", "t/b-c/y", "tt");
    }

    @Test
    void largerThanTheLimitIsDamaged() throws IOException {
        storage.put("big", new byte[1001]);

        assertThat(storage.read("big", 1001)).hasSize(1001);
        assertFails(Kind.DAMAGED, () -> storage.read("big", 1000), "big");
    }

    @Test
    void rangesAreExact() throws IOException {
        byte[] content = random(300_000);
        storage.put("r", content);

        try (InputStream in = storage.open("r", 100_000, 100_001)) {
            assertThat(in.readAllBytes()).isEqualTo(slice(content, 100_000, 100_001));
        }
        try (InputStream in = storage.open("r", 299_999, 1)) {
            assertThat(in.readAllBytes()).isEqualTo(slice(content, 299_999, 1));
        }
        assertFails(Kind.DAMAGED, () -> drain(storage.open("r", 299_990, 11)), "r");
        assertFails(Kind.DAMAGED, () -> drain(storage.open("r", 300_000, 1)), "r");
        assertFails(Kind.DAMAGED, () -> drain(storage.open("r", 400_000, 1)), "r");
    }

    @Test
    void wholeStreamMayBeLeftEarly() throws IOException {
        byte[] content = random(3 * MIB);
        storage.put("s", content);

        try (InputStream in = storage.open("s")) {
            assertThat(in.readNBytes(10)).isEqualTo(slice(content, 0, 10));
        }
        try (InputStream in = storage.open("s")) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void objectIsThereAfterItsCommitOnly() throws IOException {
        byte[] content = random(100_000);
        try (StorageOutput out = storage.create("d/o", content.length)) {
            out.write(content, 0, 50_000);
            assertThat(storage.info("d/o")).isEmpty();
            assertThat(names("d")).isEmpty();
            out.write(content, 50_000, 50_000);

            out.commit();

            assertThat(storage.read("d/o", content.length)).isEqualTo(content);
        }
        assertThat(storage.read("d/o", content.length)).isEqualTo(content);
    }

    @Test
    void whatIsNotCommittedLeavesNothing() throws IOException {
        storage.put("d/o", bytes("old"));
        try (StorageOutput out = storage.create("d/o", 10)) {
            out.write(bytes("new"), 0, 3);
        }

        assertThat(read("d/o")).isEqualTo("old");
        assertThat(names("d")).containsExactly("o");
        assertThat(storage.removeUnfinished("", Instant.now().plusSeconds(60))).isZero();
    }

    @Test
    void manyPartsAreOneObject() throws IOException {
        byte[] content = random(13 * MIB + 77);
        try (StorageOutput out = storage.create("large", 1)) {
            for (int at = 0; at < content.length; at += 100_000) {
                out.write(content, at, Math.min(100_000, content.length - at));
            }
            assertThat(storage.info("large")).isEmpty();
            out.commit();
        }

        assertThat(storage.read("large", content.length)).isEqualTo(content);
        try (InputStream in = storage.open("large", 6L * MIB, MIB)) {
            assertThat(in.readAllBytes()).isEqualTo(slice(content, 6 * MIB, MIB));
        }
    }

    @Test
    void abandonedPartsAreRemoved() throws IOException {
        StorageOutput killed = storage.create("x/large", 20L * MIB);
        killed.write(new byte[6 * MIB], 0, 6 * MIB);
        killed.write(new byte[6 * MIB], 0, 6 * MIB);

        assertThat(storage.list("x")).isEmpty();
        assertThat(storage.removeUnfinished("x", Instant.now().minusSeconds(3600))).isZero();
        assertThat(storage.removeUnfinished("other", Instant.now().plusSeconds(60))).isZero();
        assertThat(storage.removeUnfinished("x", Instant.now().plusSeconds(60))).isEqualTo(1);
        assertThatThrownBy(
                        () -> {
                            killed.write(new byte[12 * MIB], 0, 12 * MIB);
                            killed.commit();
                        })
                .isInstanceOf(StorageException.class);
        killed.close();
        assertThat(storage.info("x/large")).isEmpty();
    }

    @Test
    void firstOneToPutIfAbsentWins() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> winners =
                    IntStream.range(0, 8)
                            .mapToObj(
                                    i ->
                                            threads.submit(
                                                    () ->
                                                            storage.putIfAbsent(
                                                                    "lease/l", bytes("w" + i))))
                            .toList();
            var won = new ArrayList<Integer>();
            for (int i = 0; i < winners.size(); i++) {
                if (winners.get(i).get()) {
                    won.add(i);
                }
            }
            assertThat(won).hasSize(1);
            assertThat(read("lease/l")).isEqualTo("w" + won.getFirst());
        }
        assertThat(names("lease")).containsExactly("l");
        assertThat(names("")).containsExactly("lease");
    }

    @Test
    void removingIsIdempotent() throws IOException {
        storage.put("d/a", bytes("1"));
        storage.put("d/b", bytes("1"));
        storage.put("d/c", bytes("1"));

        storage.remove("d/a");
        storage.remove("d/a");
        storage.remove("nowhere/at/all");
        storage.removeAll(List.of("d/b", "d/x", "d/b"));
        storage.removeAll(List.of());

        assertThat(names("d")).containsExactly("c");
    }

    @Test
    void treeIsRemovedAndNothingBesideIt() throws IOException {
        storage.put("t/a/b/c", bytes("1"));
        storage.put("t/a/d", bytes("1"));
        storage.put("t/ab", bytes("1"));

        storage.removeTree("t/a");
        storage.removeTree("t/a");
        storage.removeTree("t/none");

        assertThat(names("t")).containsExactly("ab");
        assertThatThrownBy(() -> storage.removeTree(""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a+b",
                "a%20b",
                "Größe",
                "日本語",
                "a&b=c?d#e",
                "'\"<>",
                "~-_.",
                "a\\b",
                "x*(y)",
                "$@:,;",
                "[=]"
            })
    void namesAreWhatTheyAre(String name) throws IOException {
        storage.put("names/" + name + "/" + name, bytes(name));

        assertThat(read("names/" + name + "/" + name)).isEqualTo(name);
        assertThat(names("names")).containsExactly(name);
        assertThat(names("names/" + name)).containsExactly(name);
        assertThat(storage.info("names/" + name + "/" + name)).isPresent();
        storage.removeTree("names/" + name);
        assertThat(storage.list("names/" + name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../x",
                "a/../../x",
                "a/..",
                ".",
                "a/./b",
                "a//b",
                "a/",
                "a\0b",
                ""
            })
    void pathThatLeavesTheRepositoryIsRefused(String path) {
        assertRefused(() -> storage.read(path, 10));
        assertRefused(() -> storage.put(path, bytes("x")));
        assertRefused(() -> storage.putIfAbsent(path, bytes("x")));
        assertRefused(() -> storage.create(path, 1));
        assertRefused(() -> storage.remove(path));
        assertRefused(() -> storage.removeAll(List.of("good", path)));
        assertRefused(() -> storage.removeTree(path));
        assertRefused(() -> storage.info(path));
        if (!path.isEmpty()) {
            assertRefused(() -> storage.list(path));
            assertRefused(() -> storage.walk(path));
        }
    }

    @Test
    void nameOfMoreThan255BytesIsRefusedAndAllOthersWork() throws IOException {
        storage.put("ä".repeat(127) + "x", bytes("1"));

        assertThat(names("")).containsExactly("ä".repeat(127) + "x");
        assertRefused(() -> storage.put("ä".repeat(128), bytes("1")));
    }

    @Test
    void temporaryFilesAreNotListed() throws IOException {
        storage.put("d/archive.info.pgbackrest.tmp", bytes("half"));
        storage.put("d/archive.info", bytes("whole"));

        assertThat(names("d")).containsExactly("archive.info");
        assertThat(storage.walk(""))
                .extracting(ObjectInfo::name)
                .containsExactly("d", "d/archive.info");
    }

    @Test
    void manyThreadsWriteAndReadAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            var all = new ArrayList<Future<?>>();
            for (int i = 0; i < 64; i++) {
                String path = "many/" + i % 4 + "/" + i;
                byte[] content = random(1000 * i);
                all.add(
                        threads.submit(
                                () -> {
                                    storage.put(path, content);
                                    assertThat(storage.read(path, 1 << 20)).isEqualTo(content);
                                    return null;
                                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(storage.walk("many")).hasSize(68);
    }

    @Test
    void writingAfterTheEndIsABug() throws IOException {
        StorageOutput out = storage.create("o", 1);
        out.commit();

        assertThatThrownBy(() -> out.write(bytes("x"), 0, 1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(out::commit).isInstanceOf(IllegalStateException.class);
        out.close();
        assertThat(storage.info("o")).isPresent();
    }

    List<String> names(String directory) throws IOException {
        return storage.list(directory).stream().map(ObjectInfo::name).toList();
    }

    String read(String path) throws IOException {
        return new String(storage.read(path, 1000), StandardCharsets.UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] random(int size) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] slice(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    static void drain(InputStream stream) throws IOException {
        try (stream) {
            stream.readAllBytes();
        }
    }

    static void assertFails(Kind kind, ThrowingCallable call, String... named) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> {
                            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
                            assertThat(e.getMessage()).contains(named);
                        });
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }
}
