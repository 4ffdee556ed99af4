package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    private static final String IDENTITY = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n";

    private final CliHarness cli = new CliHarness();

    @TempDir Path directory;

    @Test
    void saysThatAConfigurationIsValid() throws IOException {
        CliHarness.Run run = cli.run("config", "check", "-c", file(IDENTITY));
        assertThat(run.out()).isEqualTo("configuration is valid\n");
        assertThat(run.code()).isZero();
    }

    @Test
    void reportsEveryProblemAndExitsWithTwo() throws IOException {
        String file = file(IDENTITY + "rest: {prot: 1}\nlog: {level: loud}\n");

        CliHarness.Run run = cli.run("config", "check", "-c", file);

        assertThat(run.out())
                .isEqualTo(
                        """
                        FILE:4: unknown key rest.prot
                          HINT: did you mean rest.port?
                        FILE:5: log.level is "loud", must be one of error, warn, info, debug, trace
                        configuration is not valid: 2 problems
                        """
                                .replace("FILE", file));
        assertThat(run.code()).isEqualTo(2);
        assertThat(cli.run("config", "show", "-c", file).code()).isEqualTo(2);
    }

    @Test
    void showsTheConfigurationOfTheEnvironment() throws IOException {
        cli.environment("PGNODE_CONFIG", file(IDENTITY)).environment("PGNODE_HA_PRESET", "fast");

        CliHarness.Run run = cli.run("config", "show");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("cluster: pg-test                                # " + directory)
                .contains("  preset: fast                                  # environment variable")
                .contains("#   node lost           7.0 s  ttl 5.0 s + ");
    }

    @Test
    void explainsAMissingFile() {
        CliHarness.Run run =
                cli.run("config", "check", "-c", directory.resolve("x.yml").toString());
        assertThat(run.out())
                .contains("x.yml: the configuration file cannot be read: no such file");
        assertThat(run.code()).isEqualTo(2);
    }

    @Test
    void needsASubcommand() {
        CliHarness.Run run = cli.run("config");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("check").contains("show");
    }

    private String file(String text) throws IOException {
        return Files.writeString(directory.resolve("pgnode.yml"), text).toString();
    }
}
