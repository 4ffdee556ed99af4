package io.pgnode.backup.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.storage.StorageException.Kind;
import io.pgnode.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class PosixStorageTest extends StorageContract {
    @TempDir Path directory;

    @Override
    Storage open() throws IOException {
        return Storages.open(new StorageSettings.Posix(root()));
    }

    private Path root() {
        return directory.resolve("repo");
    }

    @Test
    void modesAreThoseOfPgBackRest() throws IOException {
        storage.put("archive/main/archive.info", bytes("x"));
        storage.makeDirectory("backup/main");
        assertThat(storage.putIfAbsent("l", bytes("x"))).isTrue();

        for (String made : List.of("", "archive", "archive/main", "backup", "backup/main")) {
            assertThat(mode(made)).as(made).isEqualTo("rwxr-x---");
        }
        assertThat(mode("archive/main/archive.info")).isEqualTo("rw-r-----");
        assertThat(mode("l")).isEqualTo("rw-r-----");
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root().resolve(path)));
    }

    @Test
    void linksAreReplacedAndSeenAsLinks() throws IOException {
        storage.put("backup/a/manifest", bytes("x"));
        storage.link("backup/latest", "none");
        storage.link("backup/latest", "a");

        assertThat(Files.readSymbolicLink(root().resolve("backup/latest"))).hasToString("a");
        assertThat(storage.info("backup/latest").orElseThrow().kind())
                .isEqualTo(ObjectInfo.Kind.LINK);
        assertThat(names("backup")).containsExactly("a", "latest");
        assertThat(storage.walk("backup")).hasSize(3);
        storage.remove("backup/latest");
        assertThat(read("backup/a/manifest")).isEqualTo("x");
        assertThatThrownBy(() -> storage.link("l", "../outside"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void treeBehindALinkStays() throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "x");
        storage.makeDirectory("t");
        Files.createSymbolicLink(root().resolve("t/link"), outside);

        storage.removeTree("t");

        assertThat(outside.resolve("kept")).exists();
        assertThat(root().resolve("t")).doesNotExist();
    }

    @Test
    void directoryIsNotRemovedAsAnObject() throws IOException {
        storage.makeDirectory("d");

        assertFails(Kind.OTHER, () -> storage.remove("d"), "is a directory");
        assertFails(Kind.OTHER, () -> storage.put("d", bytes("x")), "/d");
        assertThat(root().resolve("d")).isEmptyDirectory();
    }

    @Test
    void bytesThatAreNotUtf8StayWhatTheyAre() throws IOException {
        storage.put("d\uDCFC/f\uDCC3x", bytes("1"));

        assertThat(names("d\uDCFC")).containsExactly("f\uDCC3x");
        assertThat(names("")).containsExactly("d\uDCFC");
        assertThat(read("d\uDCFC/f\uDCC3x")).isEqualTo("1");
        try (Stream<Path> all = Files.list(root())) {
            assertThat(all.findFirst().orElseThrow().toUri().getRawPath()).endsWith("/d%FC/");
        }
        storage.removeTree("d\uDCFC");
        assertThat(names("")).isEmpty();
    }

    @Test
    void refusalIsDenied() {
        try (Storage kernel = Storages.open(new StorageSettings.Posix(Path.of("/sys/kernel")))) {
            assertFails(Kind.DENIED, () -> kernel.put("x", bytes("x")), "/sys/kernel/x", "HINT");
            assertFails(Kind.DENIED, () -> kernel.makeDirectory("d"), "/sys/kernel/d");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlyOurOwnLeftoversAreRemoved() throws IOException {
        storage.put("d/a.pgbackrest.tmp", bytes("of pgbackrest"));
        StorageOutput killed = storage.create("d/b", 1);
        killed.write(bytes("x"), 0, 1);

        assertThat(storage.removeUnfinished("", Instant.now().plusSeconds(60))).isEqualTo(1);

        assertThat(root().resolve("d")).isDirectoryContaining("glob:**/a.pgbackrest.tmp");
        try (Stream<Path> all = Files.list(root().resolve("d"))) {
            assertThat(all).hasSize(1);
        }
        killed.close();
    }

    @Test
    @EnabledIf("io.pgnode.testing.Capabilities#mount")
    void fullDiskIsFullAndLosesNothing() throws Exception {
        Path mountPoint = directory.resolve("mnt");
        SmallDisk disk = SmallDisk.mount(mountPoint, 5);
        try (Storage small = Storages.open(new StorageSettings.Posix(mountPoint.resolve("r")))) {
            small.put("d/info", bytes("old"));
            assertFails(
                    Kind.FULL,
                    () -> small.put("d/large", new byte[6 << 20]),
                    "d/large",
                    "no space left");
            disk.fill();

            assertFails(Kind.FULL, () -> small.put("d/info", new byte[9000]), "d/info");
            assertFails(Kind.FULL, () -> small.putIfAbsent("d/l", new byte[9000]), "d/l");

            assertThat(small.list("d")).extracting(ObjectInfo::name).containsExactly("info");
            assertThat(small.read("d/info", 10)).isEqualTo(bytes("old"));
            try (Stream<Path> all = Files.list(mountPoint.resolve("r/d"))) {
                assertThat(all).hasSize(1);
            }
            disk.free();
            small.put("d/info", new byte[9000]);
        } finally {
            disk.unmount();
        }
    }

    @Test
    void killedWriterLeavesWholeObjectsOnly() throws Exception {
        for (int round = 0; round < 3; round++) {
            Process writer = startWriter();
            try {
                writer.getInputStream().read();
                TimeUnit.MILLISECONDS.sleep(20L + 13L * round);
            } finally {
                writer.destroyForcibly().waitFor();
            }
            List<ObjectInfo> left = storage.walk("w");
            assertThat(left).isNotEmpty();
            for (ObjectInfo one : left) {
                assertThat(storage.read("w/" + one.name(), 1 << 20))
                        .isEqualTo(random(PosixWriter.SIZE));
            }
            storage.removeUnfinished("", Instant.now().plusSeconds(60));
            try (Stream<Path> all = Files.list(root().resolve("w"))) {
                assertThat(all).hasSize(left.size());
            }
        }
    }

    private Process startWriter() throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PosixWriter.class.getName(),
                        root().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
