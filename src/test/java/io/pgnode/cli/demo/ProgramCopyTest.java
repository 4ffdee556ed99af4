package io.pgnode.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCopyTest {
    @TempDir Path directory;

    @Test
    void copiesABinaryThatOthersCannotReach() throws IOException {
        Path home = Files.createDirectory(directory.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        Path binary = Files.writeString(home.resolve("pgnode"), "binary");

        List<String> command = ProgramCopy.readable(List.of(binary.toString()), directory);

        Path copy = directory.resolve("program");
        assertThat(command).containsExactly(copy.toString());
        assertThat(copy).hasContent("binary");
        assertThat(Files.isExecutable(copy)).isTrue();
    }

    @Test
    void copiesTheWholeDirectoryOfAJar() throws IOException {
        Path app = Files.createDirectories(directory.resolve("home/app/lib"));
        Files.setPosixFilePermissions(
                directory.resolve("home"), PosixFilePermissions.fromString("rwx------"));
        Files.writeString(app.resolve("dependency.jar"), "d");
        Path jar = Files.writeString(directory.resolve("home/app/run.jar"), "j");

        List<String> command =
                ProgramCopy.readable(List.of("java", "-Xss1m", "-jar", jar.toString()), directory);

        Path copy = directory.resolve("program");
        assertThat(command)
                .containsExactly("java", "-Xss1m", "-jar", copy.resolve("run.jar").toString());
        assertThat(copy.resolve("lib/dependency.jar")).hasContent("d");
    }

    @Test
    void takesTheCacheAlongThatIsForJarsOfThatAge() throws IOException {
        Path app = Files.createDirectories(directory.resolve("home/app"));
        Files.setPosixFilePermissions(
                directory.resolve("home"), PosixFilePermissions.fromString("rwx------"));
        Path jar = Files.writeString(app.resolve("run.jar"), "j");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        Path cache = Files.writeString(app.resolve("app.aot"), "a");

        List<String> command =
                ProgramCopy.readable(
                        List.of("java", "-XX:AOTCache=" + cache, "-jar", jar.toString()),
                        directory);

        Path copy = directory.resolve("program");
        assertThat(command)
                .containsExactly(
                        "java",
                        "-XX:AOTCache=" + copy.resolve("app.aot"),
                        "-jar",
                        copy.resolve("run.jar").toString());
        assertThat(Files.getLastModifiedTime(copy.resolve("run.jar")).toInstant())
                .isEqualTo(Instant.EPOCH);
    }

    @Test
    void leavesAnOpenProgramWhereItIs() throws IOException {
        assertThat(ProgramCopy.readable(List.of("/usr/bin/env", "-x"), directory))
                .containsExactly("/usr/bin/env", "-x");
        assertThat(directory).isEmptyDirectory();
    }
}
