package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CliDocumentationTest {
    private final String page;

    CliDocumentationTest() throws IOException {
        page = Files.readString(Path.of("docs/cli.md"));
    }

    @Test
    void explainsEveryExitCode() {
        for (ExitCode code : ExitCode.values()) {
            assertThat(page).contains("| " + code.code() + " | " + code.meaning() + " |");
        }
    }

    @Test
    void describesEveryCommand() {
        PgnodeCommandLine.create(new PgnodeCommand())
                .getSubcommands()
                .keySet()
                .forEach(name -> assertThat(page).containsPattern("\\b" + name + "\\b"));
    }
}
