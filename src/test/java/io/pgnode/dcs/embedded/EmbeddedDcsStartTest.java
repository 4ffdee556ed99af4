package io.pgnode.dcs.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.model.HostPort;
import io.pgnode.testing.RealEtcd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDcsStartTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HostPort address = new HostPort("127.0.0.1", RealEtcd.freePort());

    @TempDir Path directory;

    @Test
    void closedServerStartsAgainWithItsData() throws Exception {
        try (Dcs dcs = new EtcdDcs(EtcdSettings.plain(address))) {
            CompletableFuture<?> stopped;
            try (EmbeddedDcs server = EmbeddedDcs.start(address, directory.resolve("data"))) {
                Dcs.Txn put = new Dcs.Txn(List.of(), List.of(new Dcs.Op.Put("/k", "v", 0)));
                assertThat(dcs.txn(put, TIMEOUT).get(10, TimeUnit.SECONDS).succeeded()).isTrue();
                stopped = server.stopped();
            }
            assertThat(stopped).isCompleted();

            try (EmbeddedDcs again = EmbeddedDcs.start(address, directory.resolve("data"))) {
                assertThat(dcs.range("/k", TIMEOUT).get(10, TimeUnit.SECONDS).pairs()).hasSize(1);
                assertThat(again.address()).isEqualTo(address);
            }
        }
    }

    @Test
    void addressOrDirectoryInUseIsOneClearLineWithAHint() throws Exception {
        try (EmbeddedDcs server = EmbeddedDcs.start(address, directory.resolve("data"))) {
            assertThatThrownBy(() -> EmbeddedDcs.start(address, directory.resolve("other")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on " + address)
                    .hasMessageContaining("HINT");
            HostPort other = new HostPort("127.0.0.1", RealEtcd.freePort());
            assertThatThrownBy(() -> EmbeddedDcs.start(other, directory.resolve("data")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use by another process")
                    .hasMessageContaining("HINT");
            assertThat(server.stopped()).isNotDone();
        }
        Path file = Files.writeString(directory.resolve("file"), "x");
        assertThatThrownBy(() -> EmbeddedDcs.start(address, file)).isInstanceOf(IOException.class);
    }
}
