package io.pgnode.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Identity;
import io.pgnode.config.LoadedConfig;
import io.pgnode.model.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoLayoutTest {
    @TempDir Path directory;

    @Test
    void writesConfigurationsThatTheNodesAccept() throws IOException, ConfigProblems {
        DemoLayout layout = DemoLayout.of(directory, 5);
        layout.write();

        for (DemoNode node : layout.nodes()) {
            LoadedConfig loaded = ConfigLoader.load(node.configFile(), Map.of());
            Identity identity = Identity.of(loaded.config());
            assertThat(identity.name()).isEqualTo(node.name());
            assertThat(identity.postgresql()).isEqualTo(node.postgres());
            assertThat(identity.rest()).isEqualTo(node.rest());
            assertThat(loaded.config().dcs().endpoints()).containsExactly(layout.dcs());
            assertThat(
                            loaded.config()
                                    .bootstrap()
                                    .dcs()
                                    .object()
                                    .path("synchronous_mode")
                                    .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void aSingleNodeHasNoStandbyToWaitFor() throws IOException {
        DemoLayout layout = DemoLayout.of(directory, 1);
        layout.write();

        assertThat(Files.readString(layout.nodes().getFirst().configFile()))
                .contains("synchronous_mode: false");
    }

    @Test
    void addsTenThousandPerNodeToTheStandardPorts() {
        DemoLayout layout = DemoLayout.of(directory, 2);

        assertThat(layout.nodes().get(1).postgres()).isEqualTo(new HostPort("127.0.0.1", 25432));
        assertThat(layout.nodes().get(1).rest()).isEqualTo(new HostPort("127.0.0.1", 28008));
        assertThat(layout.connectionString())
                .isEqualTo(
                        "host=127.0.0.1 port=15432,25432 user=postgres dbname=postgres"
                                + " target_session_attrs=read-write");
        assertThatThrownBy(() -> new DemoNode(6, directory)).hasMessageContaining("1..5");
    }

    @Test
    void findsPortsInUse() throws IOException, InterruptedException {
        DemoLayout layout = DemoLayout.of(directory, 5);
        HostPort taken = layout.nodes().get(4).rest();
        try (ServerSocket other =
                new ServerSocket(taken.port(), 1, InetAddress.getByName(taken.host()))) {
            assertThat(other.isBound()).isTrue();
            assertThat(layout.portsInUse()).contains(taken);
        }
    }
}
