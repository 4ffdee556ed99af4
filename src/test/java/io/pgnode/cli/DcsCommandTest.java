package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DcsCommandTest {
    @TempDir Path directory;

    @Test
    void takesItsPlaceFromTheConfiguration() throws IOException {
        DcsCommand command = new DcsCommand();
        command.config = configuration();
        assertThat(command.place(Map.of()))
                .isEqualTo(
                        new DcsCommand.Place(
                                new HostPort("127.0.0.1", 4001), Path.of("/var/lib/store")));
    }

    @Test
    void takesTheConfigurationThatTheEnvironmentNames() throws IOException {
        Map<String, String> environment = Map.of("PGNODE_CONFIG", configuration().toString());
        assertThat(new DcsCommand().place(environment).directory())
                .isEqualTo(Path.of("/var/lib/store"));
    }

    @Test
    void optionsWin() throws IOException {
        DcsCommand command = new DcsCommand();
        command.config = configuration();
        command.listen = "127.0.0.2";
        command.dataDir = Path.of("/elsewhere");
        assertThat(command.place(Map.of()))
                .isEqualTo(
                        new DcsCommand.Place(
                                new HostPort("127.0.0.2", 2379), Path.of("/elsewhere")));
    }

    @Test
    void needsNoConfigurationWhenADirectoryIsGiven() {
        DcsCommand command = new DcsCommand();
        command.dataDir = Path.of("/elsewhere");
        assertThat(command.place(Map.of("PGNODE_CONFIG", "/nowhere")).address())
                .isEqualTo(new HostPort("127.0.0.1", 2379));
    }

    @Test
    void saysWhatIsWrongWithTheConfiguration() {
        DcsCommand command = new DcsCommand();
        command.config = Path.of("/nowhere");
        assertThatThrownBy(() -> command.place(Map.of()))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("/nowhere");
    }

    private Path configuration() throws IOException {
        return Files.writeString(
                directory.resolve("pgnode.yml"),
                "cluster: pg-test\nseq: 1\naddress: h1\n"
                        + "dcs: {type: embedded, listen: '127.0.0.1:4001', data-dir: /var/lib/store}\n");
    }
}
