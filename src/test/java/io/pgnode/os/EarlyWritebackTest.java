package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyWritebackTest {
    private static final int STEP = 1 << 20;

    @TempDir Path directory;

    @Test
    void whatIsOnTheDiskLeavesTheCacheAndStaysTheSame() throws Exception {
        Path fincore = Path.of("/usr/bin/fincore");
        assumeTrue(Files.isExecutable(fincore));
        assumeTrue(!Files.getFileStore(directory).type().equals("tmpfs"));
        Path file = directory.resolve("large");
        byte[] content = new byte[4 * STEP];
        content[content.length - 1] = 7;
        try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                EarlyWriteback writeback = new EarlyWriteback(file, STEP)) {
            for (int at = 0; at < content.length; at += STEP) {
                channel.write(ByteBuffer.wrap(content, at, STEP));
                writeback.written(at + STEP);
            }
            assertThat(resident(fincore, file)).isEqualTo(content.length);
            channel.force(true);
            writeback.forget();
        }
        assertThat(resident(fincore, file)).isZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void aFileThatIsNotThereIsNoError() {
        try (EarlyWriteback writeback = new EarlyWriteback(directory.resolve("gone"), STEP)) {
            writeback.written(STEP);
            writeback.forget();
        }
    }

    private static long resident(Path fincore, Path file) throws Exception {
        Process process =
                new ProcessBuilder(
                                fincore.toString(),
                                "--bytes",
                                "--noheadings",
                                "--output=RES",
                                file.toString())
                        .start();
        String text =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).isZero();
        return Long.parseLong(text.strip());
    }
}
