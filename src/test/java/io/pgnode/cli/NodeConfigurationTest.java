package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the pooler knows to be wrong has its line, too. */
class NodeConfigurationTest {
    @TempDir Path directory;

    private Path file(String pooler) throws IOException {
        return Files.writeString(
                directory.resolve("pgnode.yml"),
                "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\npooler:\n" + pooler);
    }

    private static List<String> problems(Path file) {
        try {
            NodeConfiguration.load(file, Map.of());
            return List.of();
        } catch (ConfigProblems e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }

    @Test
    void problemsNameTheirLines() throws IOException {
        Path file =
                file(
                        """
                          settings:
                            pool_mode: magic
                          databases:
                            "my-app.v2": { pool_size: many }
                        """);

        assertThat(problems(file))
                .containsExactlyInAnyOrder(
                        file
                                + ":6: pool_mode is \"magic\", must be one of session,"
                                + " transaction, statement",
                        file
                                + ":8: pool_size is \"many\", must be a whole number from 0 to"
                                + " 2147483647");
    }

    @Test
    void linesOfAccessRulesAreNumbered() throws IOException {
        Path file =
                file(
                        """
                          hba:
                            - local all all peer
                            - host all all all gss
                        """);

        assertThat(problems(file))
                .singleElement()
                .asString()
                .startsWith(
                        file
                                + ":6: pooler.hba line 2: authentication method gss is not"
                                + " supported");
    }

    @Test
    void aPoolerThatIsNotEnabledIsNotChecked() throws Exception {
        Path file = file("  enabled: false\n  settings: { pool_mode: magic }\n");

        assertThat(problems(file)).isEmpty();
        assertThatThrownBy(() -> NodeConfiguration.load(directory.resolve("none"), Map.of()))
                .isInstanceOf(ConfigProblems.class);
    }
}
