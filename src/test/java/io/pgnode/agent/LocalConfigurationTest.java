package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.config.ConfigLoader;
import io.pgnode.feed.HoldClient;
import io.pgnode.feed.HoldServer;
import io.pgnode.feed.NoHolds;
import io.pgnode.postgres.PostgresSettings.ReplicaMethod;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalConfigurationTest {
    @TempDir Path directory;

    @Test
    void aReloadChangesEveryKeyThatSaysReload() throws Exception {
        Path password = directory.resolve("password");
        write(password, "old");
        LocalConfiguration local =
                start(
                        "postgresql:",
                        "  replication: {password-file: " + password + "}",
                        "rest: {username: admin, password: a}");
        assertThat(local.settings().postgres().replication().password()).isEqualTo("old");
        write(password, "new");
        configure(
                "ha:",
                "  tags: {nofailover: true, zone: b}",
                "  callbacks: {on-start: /bin/echo hello, pre-promote: /bin/true, before-stop: /bin/false}",
                "postgresql:",
                "  parameters: {work_mem: 8MB}",
                "  pg-hba: [local all all trust]",
                "  pg-ident: [a b c]",
                "  restore-command: cp /archive/%f %p",
                "  basebackup: [max-rate=10M]",
                "  create-replica-methods: [own, basebackup]",
                "  replica-methods: {own: {command: /bin/true x, no-params: true, keep-data: true}}",
                "  start-timeout: 5s",
                "  stop-timeout: 7s",
                "  superuser: {password: s}",
                "  replication: {password-file: " + password + ", sslmode: require}",
                "rest: {username: boss, password: b, allowlist: [10.0.0.0/8]}");

        Operations.Result result = local.reload();

        assertThat(result).isEqualTo(new Operations.Result(202, "reload scheduled"));
        LocalSettings now = local.settings();
        assertThat(now.agent().tags().values()).containsEntry("zone", "b");
        assertThat(now.agent().tags().noFailover()).isTrue();
        assertThat(now.agent().stopBudget()).isEqualTo(Duration.ofSeconds(7));
        assertThat(now.startTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(now.scripts().commands().get(Callbacks.Event.ON_START))
                .containsExactly("/bin/echo", "hello");
        assertThat(now.scripts().prePromote()).containsExactly("/bin/true");
        assertThat(now.scripts().beforeStop()).containsExactly("/bin/false");
        assertThat(now.postgres().parameters()).containsEntry("work_mem", "8MB");
        assertThat(now.postgres().pgHba()).containsExactly("local all all trust");
        assertThat(now.postgres().pgIdent()).containsExactly("a b c");
        assertThat(now.postgres().restoreCommand()).isEqualTo("cp /archive/%f %p");
        assertThat(now.postgres().basebackupOptions()).containsExactly("--max-rate=10M");
        assertThat(now.postgres().createReplicaMethods())
                .containsExactly(
                        new ReplicaMethod("own", List.of("/bin/true", "x"), true, true, false),
                        ReplicaMethod.BASEBACKUP);
        assertThat(now.postgres().superuser().password()).isEqualTo("s");
        assertThat(now.postgres().rewind().password()).isEqualTo("s");
        assertThat(now.postgres().replication().password()).isEqualTo("new");
        assertThat(now.postgres().connectionOptions()).containsEntry("sslmode", "require");
        assertThat(now.rest().credentials()).isEqualTo(now.restClient().credentials()).isNotNull();
        assertThat(now.rest().allowlist()).hasSize(1);
    }

    @Test
    void whatNeedsARestartStaysAndIsNamed() throws Exception {
        LocalConfiguration local = start("role: replica");
        LocalSettings before = local.settings();
        configure(
                "role: delayed",
                "postgresql: {port: 6000, bin-dir: " + RealPostgres.binDir() + "}",
                "rest: {port: 9000}");

        Operations.Result result = local.reload();

        assertThat(result.text())
                .isEqualTo("reload scheduled\nrestart pgnode for postgresql.port, rest.port, role");
        assertThat(local.settings().postgres().port()).isEqualTo(before.postgres().port());
        assertThat(local.settings().rest().listenPort()).isEqualTo(8008);
        assertThat(local.settings().agent()).isEqualTo(before.agent());
    }

    @Test
    void nothingChangesWhenAPartRefuses() throws Exception {
        LocalConfiguration local = start();
        List<LocalSettings> told = new ArrayList<>();
        local.onReload(
                next -> {
                    throw new IOException("no certificate");
                });
        local.onReload(told::add);
        configure("ha: {tags: {zone: b}}");

        assertThat(local.reload())
                .isEqualTo(new Operations.Result(503, "reload failed: no certificate"));

        assertThat(told).isEmpty();
        assertThat(local.settings().agent().tags().values()).isEmpty();
    }

    @Test
    void theGatewayMayFindItWrongOrBeAway() throws Exception {
        Path socket = directory.resolve("gateway.sock");
        LocalConfiguration local = start();
        List<LocalSettings> told = new ArrayList<>();
        local.onReload(_ -> GatewayHolds.reload(new HoldClient(socket)));
        local.onReload(told::add);
        configure("ha: {tags: {zone: b}}");
        try (HoldServer gateway =
                new HoldServer(
                        socket, new NoHolds(), () -> List.of("port 1 is taken", "port 2, too"))) {
            gateway.start();

            assertThat(local.reload())
                    .isEqualTo(
                            new Operations.Result(
                                    400,
                                    "the configuration is wrong, the old one goes on:\n"
                                            + "port 1 is taken\nport 2, too"));
            assertThat(told).isEmpty();
        }
        assertThat(local.reload().status()).isEqualTo(202);
        assertThat(told).hasSize(1);
    }

    @Test
    void aWrongFileIsRefusedAsAWhole() throws Exception {
        LocalConfiguration local = start();
        configure("ha: {tags: {zone: b}}", "rest: {port: x}");

        Operations.Result result = local.reload();

        assertThat(result.status()).isEqualTo(400);
        assertThat(result.text()).contains("rest.port").contains("the old one goes on");
        assertThat(local.settings().agent().tags().values()).isEmpty();
    }

    @Test
    void aReloadTellsWhichParametersHaveNoEffect() {
        assertThat(
                        OperatorDesk.withRefused(
                                new Operations.Result(202, "reload scheduled"),
                                Map.of("b", "unknown", "a", "wrong")))
                .isEqualTo(
                        new Operations.Result(
                                202,
                                "reload scheduled\nparameter a has no effect: wrong"
                                        + "\nparameter b has no effect: unknown"));
    }

    private LocalConfiguration start(String... lines) throws Exception {
        configure(lines);
        return new LocalConfiguration(file(), Map.of(), ConfigLoader.load(file(), Map.of()));
    }

    private Path file() {
        return directory.resolve("pgnode.yml");
    }

    private void configure(String... lines) throws IOException {
        List<String> text = new ArrayList<>(List.of("cluster: pg-test", "seq: 1", "address: h1"));
        boolean hasPostgresql = false;
        for (String line : lines) {
            text.add(line);
            hasPostgresql |= line.startsWith("postgresql");
        }
        if (!hasPostgresql) {
            text.add("postgresql: {bin-dir: " + RealPostgres.binDir() + "}");
        }
        write(file(), String.join("\n", text) + "\n");
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
