package io.pgnode.dcs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.dcs.Dcs.Op;
import io.pgnode.dcs.Dcs.Txn;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.model.HostPort;
import io.pgnode.testing.RealEtcd;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract against the embedded server, in a process of its own that can be killed. */
class EmbeddedDcsTest extends DcsContract {
    private static @Nullable EmbeddedProcess started;

    @BeforeAll
    static void startServer(@TempDir Path directory) {
        started = EmbeddedProcess.start(directory);
    }

    @AfterAll
    static void stopServer() {
        server().close();
    }

    private static EmbeddedProcess server() {
        return requireNonNull(started);
    }

    @Override
    Dcs connect() {
        return new EtcdDcs(EtcdSettings.plain(server().endpoint()));
    }

    @Override
    void await(Duration atMost, BooleanSupplier condition) {
        EtcdDcsTest.awaitReally(atMost, condition);
    }

    @Override
    void hang() {
        server().signal("STOP");
    }

    @Override
    void unhang() {
        server().signal("CONT");
    }

    @Override
    void restart() {
        server().kill();
        server().launch();
    }

    @Test
    void etcdctlGetsPutsDeletesAndLists() {
        assertThat(etcdctl("put", "/ctl/a", "1")).isEqualTo("OK\n");
        assertThat(etcdctl("put", "/ctl/b", "2")).isEqualTo("OK\n");
        assertThat(etcdctl("get", "--prefix", "/ctl/")).isEqualTo("/ctl/a\n1\n/ctl/b\n2\n");
        assertThat(etcdctl("get", "--prefix", "--keys-only", "--order=DESCEND", "/ctl/"))
                .isEqualTo("/ctl/b\n\n/ctl/a\n\n");
        assertThat(etcdctl("put", "--prev-kv", "/ctl/a", "3")).isEqualTo("OK\n/ctl/a\n1\n");
        assertThat(etcdctl("del", "--prefix", "/ctl/")).isEqualTo("2\n");
        assertThat(etcdctl("member", "list")).contains("started", "pgnode");
        assertThat(etcdctl("endpoint", "health")).contains("is healthy");
        assertThat(etcdctl("endpoint", "status")).contains("3.4.0", "true");
    }

    @Test
    void etcdctlHandlesLeases() {
        String granted = etcdctl("lease", "grant", "60");
        assertThat(granted).contains("granted with TTL(60s)");
        String id = granted.split(" ", -1)[1];
        etcdctl("put", "--lease=" + id, "/ctl/leased", "x");

        assertThat(etcdctl("lease", "list")).contains(id);
        assertThat(etcdctl("lease", "timetolive", "--keys", id))
                .contains("granted with TTL(60s)", "/ctl/leased");
        assertThat(etcdctl("lease", "keep-alive", "--once", id))
                .contains("keepalived with TTL(60)");
        assertThat(etcdctl("lease", "revoke", id)).contains("revoked");
        assertThat(etcdctl("get", "/ctl/leased")).isEmpty();
        assertThat(etcdctl("lease", "list")).doesNotContain(id);
    }

    @Test
    void etcdctlTransactsWatchesAndReadsThePast() {
        etcdctl("put", "/txn/a", "1");
        String before = etcdctl("get", "-w", "fields", "/txn/a");
        etcdctl("put", "/txn/a", "2");
        String revision =
                before.lines()
                        .filter(line -> line.startsWith("\"ModRevision\""))
                        .findFirst()
                        .orElseThrow()
                        .replaceAll("\\D", "");

        assertThat(etcdctl("get", "--rev=" + revision, "/txn/a")).isEqualTo("/txn/a\n1\n");
        assertThat(
                        RealEtcd.etcdctlWithInput(
                                server().endpoint(),
                                "value(\"/txn/a\") = \"2\"\nversion(\"/txn/a\") > \"1\"\n\n"
                                        + "put /txn/b yes\nget /txn/a\n\nput /txn/b no\n\n",
                                "txn"))
                .isEqualTo("SUCCESS\n\nOK\n\n/txn/a\n2\n");
        assertThat(
                        RealEtcd.etcdctlLines(
                                server().endpoint(),
                                6,
                                "watch",
                                "--prefix",
                                "--rev=" + revision,
                                "/txn/"))
                .containsExactly("PUT", "/txn/a", "1", "PUT", "/txn/a", "2");
    }

    private static String etcdctl(String... arguments) {
        return RealEtcd.etcdctl(server().endpoint(), arguments);
    }

    @Test
    void everyAcknowledgedWriteSurvivesKills(@TempDir Path directory) {
        EmbeddedProcess victim = EmbeddedProcess.start(directory);
        try (victim;
                Dcs dcs = new EtcdDcs(EtcdSettings.plain(victim.endpoint()))) {
            List<String> acknowledged = new ArrayList<>();
            int next = 0;
            for (int round = 0; round < 3; round++) {
                int wanted = acknowledged.size() + 40;
                Thread killer =
                        Thread.ofVirtual()
                                .unstarted(
                                        () -> {
                                            victim.kill();
                                            victim.launch();
                                        });
                while (acknowledged.size() < wanted) {
                    String key = "/w/%06d".formatted(next++);
                    var write =
                            dcs.txn(
                                    new Txn(List.of(), List.of(new Op.Put(key, key, 0))),
                                    Duration.ofMillis(800));
                    await(Duration.ofSeconds(3), write::isDone);
                    if (!write.isCompletedExceptionally()) {
                        acknowledged.add(key);
                    }
                    if (acknowledged.size() == wanted - 20
                            && killer.getState() == Thread.State.NEW) {
                        killer.start();
                    }
                }
                await(Duration.ofSeconds(30), () -> !killer.isAlive());
            }
            List<String> found =
                    get(dcs.range("/w/", TIMEOUT)).pairs().stream()
                            .map(Dcs.KeyValue::value)
                            .toList();
            assertThat(found).containsAll(acknowledged);
        }
    }

    /** {@code pgnode dcs} without its command line. */
    static final class EmbeddedProcess implements AutoCloseable {
        private final Path directory;
        private final HostPort endpoint = new HostPort("127.0.0.1", RealEtcd.freePort());
        private volatile @Nullable Process process;

        private EmbeddedProcess(Path directory) {
            this.directory = directory;
        }

        static EmbeddedProcess start(Path directory) {
            EmbeddedProcess server = new EmbeddedProcess(directory);
            server.launch();
            return server;
        }

        HostPort endpoint() {
            return endpoint;
        }

        void launch() {
            String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            try {
                Process launched =
                        new ProcessBuilder(
                                        java,
                                        "-Xmx128m",
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1",
                                        "-Xshare:auto",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        EmbeddedMain.class.getName(),
                                        endpoint.toString(),
                                        directory.resolve("data").toString())
                                .redirectError(
                                        ProcessBuilder.Redirect.appendTo(
                                                new File(directory.toFile(), "log")))
                                .start();
                process = launched;
                int ready = launched.getInputStream().read(); // it prints when it serves
                if (ready < 0) {
                    throw new IllegalStateException(Files.readString(directory.resolve("log")));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void signal(String signal) {
            try {
                new ProcessBuilder(
                                "kill", "-" + signal, Long.toString(requireNonNull(process).pid()))
                        .start()
                        .waitFor();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void kill() {
            try {
                requireNonNull(process).destroyForcibly().waitFor();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            kill();
        }
    }
}
