package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir Path directory;

    @Test
    void replacesContentAndModeAndLeavesNothingElse() throws IOException {
        Path file = directory.resolve("state");
        Files.writeString(file, "old");

        AtomicFile.write(file, "new", AtomicFile.OWNER_ONLY);

        assertThat(file).hasContent("new");
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void givesExactlyTheWantedMode() throws IOException {
        Path file = directory.resolve("script");

        AtomicFile.write(file, "x", "rwxrwxrwx");

        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @Test
    void aFailureKeepsTheOldFile() throws IOException {
        Path file = directory.resolve("directory");
        Files.createDirectories(file.resolve("child"));

        assertThatThrownBy(() -> AtomicFile.write(file, "x", AtomicFile.OWNER_ONLY))
                .isInstanceOf(IOException.class);

        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }
}
