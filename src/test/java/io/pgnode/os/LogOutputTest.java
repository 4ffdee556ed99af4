package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.logging.Handler;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogOutputTest {
    private static final Logger LOG = Logger.getLogger("test.log.output");
    private static final List<Handler> BEFORE =
            List.of(java.util.logging.Logger.getLogger("").getHandlers());

    @TempDir Path directory;

    @AfterEach
    void backToStandardError() throws IOException {
        LogOutput.use(false, null);
        assertThat(java.util.logging.Logger.getLogger("").getHandlers())
                .containsExactlyElementsOf(BEFORE);
    }

    @Test
    void writesTextToAFileThatItsGroupMayRead() throws IOException {
        Path file = directory.resolve("pgnode.log");

        LogOutput.use(false, file);
        LOG.warnf("a line member=%s", "pg-test-1");

        List<String> lines = linesOf(file, 1);
        assertThat(lines.getFirst())
                .matches(
                        "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  \\[output] a line"
                                + " member=pg-test-1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void writesOneJsonObjectALine() throws IOException {
        Path file = directory.resolve("pgnode.log");

        LogOutput.use(true, file);
        LOG.errorf(new IllegalStateException("why \"quoted\""), "two\nlines %d", 7);

        JsonNode line = new ObjectMapper().readTree(linesOf(file, 1).getFirst());
        assertThat(line.path("level").asText()).isEqualTo("ERROR");
        assertThat(line.path("logger").asText()).isEqualTo("test.log.output");
        assertThat(line.path("message").asText()).isEqualTo("two\nlines 7");
        assertThat(line.path("thread").asText()).isNotEmpty();
        assertThat(line.path("timestamp").asText()).endsWith("Z");
        assertThat(line.path("stack_trace").asText()).contains("why \"quoted\"", "LogOutputTest");
    }

    @Test
    void opensTheFileAgainAfterItWasRenamedAside() throws IOException {
        Path file = directory.resolve("pgnode.log");
        Path aside = directory.resolve("pgnode.log.1");
        LogOutput.use(false, file);
        LOG.warn("before");
        Files.move(file, aside);

        LogOutput.use(false, file);
        LOG.warn("after");

        assertThat(linesOf(file, 1).getFirst()).endsWith("after");
        assertThat(linesOf(aside, 1).getFirst()).endsWith("before");
    }

    @Test
    void goesOnWhereItWentWhenAFileCannotBeOpened() throws IOException {
        Path file = directory.resolve("pgnode.log");
        LogOutput.use(false, file);

        assertThatThrownBy(() -> LogOutput.use(false, directory.resolve("missing/pgnode.log")))
                .isInstanceOf(IOException.class);
        LOG.warn("still here");

        assertThat(linesOf(file, 1).getFirst()).endsWith("still here");
    }

    private static List<String> linesOf(Path file, int count) throws IOException {
        await().until(() -> Files.readAllLines(file).size() == count);
        return Files.readAllLines(file);
    }
}
