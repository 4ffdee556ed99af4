package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NodeSettingsTest {
    private static PgnodeConfig config(String pooler) throws ConfigProblems {
        String text = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n" + pooler;
        return ConfigLoader.loadText("pgnode.yml", text, Map.of()).config();
    }

    private static PoolerIni.Database database(PoolerIni ini, String name) {
        return Objects.requireNonNull(ini.databases().get(name));
    }

    @Test
    void withoutAnyKeyItIsAsPigstySetsItUp() throws Exception {
        NodeSettings.Read read = NodeSettings.read(config(""), Map.of());

        PoolerIni ini = read.ini();
        assertThat(ini.sizes())
                .isEqualTo(
                        new PoolerIni.Sizes(
                                20000, 50, 0, 30, Duration.ofSeconds(1), 100, 0, 100, 0, 256));
        assertThat(ini.auth().type()).isEqualTo("hba");
        assertThat(ini.auth().admins()).containsExactly("postgres");
        assertThat(ini.auth().statisticians()).containsExactly("postgres");
        assertThat(ini.health().lifetime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(ini.logged().connections()).isFalse();
        assertThat(ini.startup().ignored()).containsExactly("extra_float_digits");
        assertThat(ini.listening().addresses()).containsExactly("*");
        assertThat(ini.listening().port()).isEqualTo(6432);
        assertThat(ini.listening().socketDir()).isEqualTo("/var/run/postgresql");
        PoolerIni.Database any = database(ini, "*");
        assertThat(any.hosts()).containsExactly("/var/run/postgresql");
        assertThat(any.port()).isEqualTo(5432);
        assertThat(any.poolMode()).isEqualTo("transaction");
        assertThat(read.own().hba())
                .containsExactly(
                        "local all \"postgres\" peer",
                        "local all all scram-sha-256",
                        "host all all all scram-sha-256");
        assertThat(NodeSettings.problems(config(""))).isEmpty();
    }

    @Test
    void whatIsSaidCounts() throws Exception {
        PoolerIni ini =
                NodeSettings.read(
                                config(
                                        """
                                        pooler:
                                          port: 7000
                                          settings: { default_pool_size: 7, pool_mode: session }
                                          databases:
                                            small: { pool_size: 1, connect_query: "SELECT 'it''s'" }
                                            far: { host: 10.0.0.9 }
                                          users:
                                            batch: { max_user_connections: 3 }
                                        """),
                                Map.of("default_pool_size", "9"))
                        .ini();

        assertThat(ini.sizes().poolSize()).as("what the console has set").isEqualTo(9);
        assertThat(ini.listening().port()).isEqualTo(7000);
        PoolerIni.Database small = database(ini, "small");
        assertThat(small.poolSize()).isEqualTo(1);
        assertThat(small.poolMode()).isEqualTo("session");
        assertThat(small.connectQuery()).isEqualTo("SELECT 'it''s'");
        assertThat(small.hosts()).containsExactly("/var/run/postgresql");
        assertThat(database(ini, "far").hosts()).containsExactly("10.0.0.9");
        assertThat(ini.databases()).containsKey("*");
        assertThat(Objects.requireNonNull(ini.users().get("batch")).maxServers()).isEqualTo(3);
    }

    @Test
    void everyProblemIsReportedWithItsKey() throws Exception {
        List<IniProblem> problems =
                NodeSettings.problems(
                        config(
                                """
                                pooler:
                                  settings:
                                    listen_port: 1
                                    auth_query: x
                                    deafult_pool_size: 1
                                    pool_mode: magic
                                    auth_file: users.txt
                                  databases:
                                    a: { pool_size: many, colour: red }
                                  users:
                                    b: { pool_size: -1 }
                                """));

        assertThat(problems)
                .extracting(IniProblem::where)
                .containsExactlyInAnyOrder(
                        "pooler.settings.listen_port",
                        "pooler.settings.auth_query",
                        "pooler.settings.deafult_pool_size",
                        "pooler.settings.pool_mode",
                        "pooler.settings.auth_file",
                        "pooler.databases.a",
                        "pooler.databases.a",
                        "pooler.users.b");
        assertThat(problems)
                .extracting(IniProblem::hint)
                .contains("did you mean default_pool_size?", "pooler.port says where it listens");
    }

    @Test
    void linesOfAccessRulesAreCounted() throws Exception {
        assertThat(
                        NodeSettings.problems(
                                config(
                                        """
                                        pooler:
                                          hba:
                                            - local all all peer
                                            - host all all all gss
                                        """)))
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.where()).isEqualTo("pooler.hba:2");
                            assertThat(problem.message())
                                    .isEqualTo("authentication method gss is not supported");
                        });
    }
}
