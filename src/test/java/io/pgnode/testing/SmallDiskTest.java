package io.pgnode.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@Tag("e2e")
@EnabledIf("io.pgnode.testing.Capabilities#mount")
class SmallDiskTest {
    @Test
    void fillsUpAndIsFreedAgain(@TempDir Path directory) throws Exception {
        Path mountPoint = directory.resolve("mnt");
        SmallDisk disk = SmallDisk.mount(mountPoint, 5);
        try {
            disk.fill();
            Path file = mountPoint.resolve("file");
            assertThatThrownBy(() -> Files.write(file, new byte[10_000]))
                    .isInstanceOf(IOException.class);

            disk.free();

            Files.write(file, new byte[10_000]);
            assertThat(file).hasSize(10_000);
        } finally {
            disk.unmount();
        }
        assertThat(mountPoint).isEmptyDirectory();
    }
}
