package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReloadTest {
    @TempDir Path directory;

    @Test
    void tellsWhatChangesAndWhatItTakes() throws ConfigProblems {
        LoadedConfig running =
                load(
                        "ha: {tags: {a: b}, preset: fast}",
                        "postgresql: {port: 5432, superuser: {password: x}}");
        LoadedConfig candidate =
                load(
                        "ha: {tags: {a: c, d: e}}",
                        "postgresql: {port: 5439, superuser: {password: y}, pg-hba: [p, q]}");

        ConfigReload reload = ConfigReload.between(running, candidate);

        assertThat(reload.changes().stream().map(ConfigReload.Change::toString))
                .containsExactly(
                        "ha.preset: fast -> norm (first start)",
                        "ha.tags.a: b -> c (reload)",
                        "ha.tags.d: not set -> e (reload)",
                        "postgresql.pg-hba: not set -> p, q (reload)",
                        "postgresql.port: 5432 -> 5439 (restart)",
                        "postgresql.superuser.password: *** -> *** (reload)");
        assertThat(reload.needRestart()).containsExactly("postgresql.port");
    }

    @Test
    void writingTheDefaultIsNoChange() throws ConfigProblems {
        ConfigReload reload =
                ConfigReload.between(
                        load("", ""),
                        load(
                                "ha: {preset: norm}",
                                "bootstrap: {initdb: [data-checksums, encoding: UTF8]}"));
        assertThat(reload.isEmpty()).isTrue();
    }

    @Test
    void rejectsAWrongFileAsAWhole() throws Exception {
        LoadedConfig running = load("", "");
        Path file = directory.resolve("pgnode.yml");
        Files.writeString(file, "cluster: pg-test\nseq: 1\naddress: a\nrest: {port: x}");
        assertThatThrownBy(() -> ConfigReload.read(running, file, Map.of()))
                .isInstanceOf(ConfigProblems.class)
                .hasMessageContaining("rest.port");
    }

    private static LoadedConfig load(String... lines) throws ConfigProblems {
        String text = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n" + String.join("\n", lines);
        return ConfigLoader.loadText("pgnode.yml", text, Map.of());
    }
}
