package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The example that packages install. */
class ConfigExampleTest {
    private static final Path EXAMPLE = Path.of("packaging/pgnode.yml");

    @Test
    void isValid() throws ConfigProblems {
        LoadedConfig loaded = ConfigLoader.load(EXAMPLE, Map.of());
        assertThat(Identity.of(loaded.config()).name()).hasToString("pg-test-1");
    }

    /** Without its comment signs it may name files that are not here, but no unknown keys. */
    @Test
    void knowsItsCommentedKeys() throws IOException {
        Pattern commented = Pattern.compile("^( *)#( *- .*| *[a-z_-]+:.*)$");
        List<String> lines =
                Files.readAllLines(EXAMPLE).stream()
                        .map(
                                line -> {
                                    Matcher matcher = commented.matcher(line);
                                    return matcher.matches()
                                            ? matcher.group(1) + matcher.group(2)
                                            : line;
                                })
                        .toList();
        try {
            ConfigLoader.loadText("pgnode.yml", String.join("\n", lines), Map.of());
        } catch (ConfigProblems e) {
            assertThat(e.problems())
                    .allMatch(
                            problem ->
                                    problem.message().contains("no such file")
                                            || problem.key().equals("postgresql.bin-dir"));
        }
    }
}
