package io.pgnode.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.RawText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Passes whatever locale the tests are run with. */
class FileNamesTest {
    @TempDir private Path directory;

    @Test
    void namesKeepTheirBytes() throws Exception {
        byte[] latin = {'a', ' ', '%', (byte) 0xE9, '?', '#', 'z'};
        for (byte[] bytes :
                List.of(
                        latin,
                        "grüße 日本 +".getBytes(StandardCharsets.UTF_8),
                        "16385_fsm".getBytes(StandardCharsets.UTF_8))) {
            String name = RawText.decode(bytes);
            Path file = FileNames.below(directory, name);
            Files.writeString(file, "content");
            try (var listed = Files.newDirectoryStream(directory)) {
                Path found = listed.iterator().next();
                assertThat(FileNames.last(found)).isEqualTo(name);
                assertThat(RawText.encode(FileNames.last(found))).isEqualTo(bytes);
                assertThat(Files.readString(FileNames.below(directory, name))).isEqualTo("content");
            }
            Files.delete(file);
        }
        assertThat(FileNames.isText(RawText.decode(latin))).isFalse();
        assertThat(FileNames.isText("grüße")).isTrue();
    }
}
