package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolCounters;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.gateway.pooler.core.PoolSettings;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.testing.FreePorts;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoopClientsTest {
    private static final int MANY = 20_000;

    @TempDir Path dir = Path.of("");

    private StandalonePooler pooler() throws Exception {
        Path ini = dir.resolve("pgbouncer.ini");
        Files.writeString(
                ini,
                """
                [databases]
                app = host=127.0.0.1
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = trust
                client_idle_timeout = 100000
                query_timeout = 100
                """
                        .formatted(FreePorts.next()));
        return StandalonePooler.start(ini, 1, new SecureRandom());
    }

    private static List<ClientSession> sessions(Pooler pooler, int count) {
        EmbeddedChannel channel = new EmbeddedChannel();
        Pool<ClientSession, ServerSession> pool =
                pooler.ledger()
                        .add(
                                new PoolKey("local", "app", "joe"),
                                new PoolSettings(1, 0, 0, 0, 0, 0, 0, 0),
                                List.of());
        List<ClientSession> result = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ClientMeter meter = new ClientMeter(i, "joe", new PoolCounters(), System::nanoTime);
            meter.loggedIn();
            result.add(
                    new ClientSession(
                            pooler,
                            channel,
                            0,
                            pool,
                            PoolMode.TRANSACTION,
                            new SessionSettings(),
                            new StatementTable(0, 1),
                            i,
                            meter));
        }
        return result;
    }

    @Test
    void whoLeavesIsForgottenAndNobodyElse() throws Exception {
        try (StandalonePooler pooler = pooler()) {
            List<ClientSession> all = sessions(pooler.pooler(), 300);
            LoopClients clients = new LoopClients();
            all.forEach(clients::add);
            Collections.shuffle(all, new Random(1));
            for (int left = all.size(); left > 0; left--) {
                assertThat(clients.count()).isEqualTo(left);
                clients.remove(all.get(left - 1));
                clients.remove(all.get(left - 1));
            }
            assertThat(clients.count()).isZero();
        }
    }

    @Test
    void aWalkOverIdleClientsIsCheapAndMakesNoGarbage() throws Exception {
        try (StandalonePooler pooler = pooler()) {
            LoopClients clients = new LoopClients();
            sessions(pooler.pooler(), MANY).forEach(clients::add);
            PoolerSetup setup = pooler.pooler().setup();
            for (int i = 0; i < 200; i++) {
                clients.expire(setup, System.nanoTime());
            }
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            int rounds = 50;
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long began = System.nanoTime();
            for (int i = 0; i < rounds; i++) {
                clients.expire(setup, System.nanoTime());
            }
            long nanos = (System.nanoTime() - began) / rounds;
            bytes = (threads.getCurrentThreadAllocatedBytes() - bytes) / rounds;

            System.out.printf("a walk over %d idle clients: %d us%n", MANY, nanos / 1000);
            assertThat(bytes).isLessThan(1000);
            assertThat(Duration.ofNanos(nanos)).isLessThan(Duration.ofMillis(20));
        }
    }
}
