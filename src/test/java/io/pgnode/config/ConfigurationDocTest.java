package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page says what the code does. */
class ConfigurationDocTest {
    private static final Path PAGE = Path.of("docs/configuration.md");

    /** Key, default, effect, environment variable, meaning. */
    private static final Pattern ROW =
            Pattern.compile(
                    "\\| `([^`]+)` \\| (?:`([^`]*)`)? *\\| ([a-z ]+) \\| `(PGNODE_[^`]+)` .*");

    @Test
    void listsEveryKeyWithDefaultEffectAndVariable() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String defaultValue = row.group(2) == null ? "" : row.group(2);
                documented.put(
                        row.group(1), defaultValue + " " + row.group(3) + " " + row.group(4));
            }
        }
        Map<String, String> expected = new TreeMap<>();
        Schema.leaves()
                .forEach(
                        (key, leaf) ->
                                expected.put(
                                        key,
                                        leaf.defaultValue()
                                                + " "
                                                + leaf.effect().text()
                                                + " "
                                                + EnvironmentKeys.variable(key)));
        assertThat(documented).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void listsEveryPreset(Preset preset) throws IOException {
        Timings timings = preset.timings();
        assertThat(Files.readString(PAGE))
                .contains(
                        "| `%s` | %d s | %d s | %d s | %d s |"
                                .formatted(
                                        ValueTypes.spelling(preset),
                                        timings.ttl().toSeconds(),
                                        timings.loopWait().toSeconds(),
                                        timings.retryTimeout().toSeconds(),
                                        preset.worstCaseRecovery().nodeLost().toSeconds()));
    }
}
