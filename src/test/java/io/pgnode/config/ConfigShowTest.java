package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConfigShowTest {
    private static final String TEXT =
            """
            cluster: pg-test
            seq: 1
            address: 10.0.0.1
            ha:
              tags: {zone: a, "my.tag": "x: y # z"}
            postgresql:
              parameters:
                pg_stat_statements.max: 5000
                search_path: '"$user", public'
              pg-hba:
                - "host all all 127.0.0.1/32 trust"
                - 'host "a" all all md5 # why'
              replica-methods: {archive: {command: /bin/true x}}
            bootstrap:
              dcs:
                synchronous_mode: true
                postgresql: {parameters: {a.b: "5", c: 6}}
            """;

    @Test
    void canBeLoadedAgain() throws ConfigProblems {
        LoadedConfig loaded = ConfigLoader.loadText("a.yml", TEXT, Map.of());

        LoadedConfig again = ConfigLoader.loadText("b.yml", shown(loaded), Map.of());

        assertThat(again.config().bootstrap().dcs()).isEqualTo(loaded.config().bootstrap().dcs());
        assertThat(again.config().postgresql().pgHba())
                .isEqualTo(loaded.config().postgresql().pgHba());
        assertThat(ConfigReload.between(loaded, again).changes())
                .extracting(ConfigReload.Change::key)
                .containsExactly( // they follow from others
                        "ha.loop-wait",
                        "ha.retry-timeout",
                        "ha.ttl",
                        "ha.watchdog.safety-margin",
                        "name",
                        "postgresql.connect-address",
                        "rest.connect-address");
    }

    @Test
    void tellsWhereEachValueComesFrom() throws ConfigProblems {
        LoadedConfig loaded =
                ConfigLoader.loadText(
                        "a.yml", TEXT, Map.of("PGNODE_HA_PRESET", "wide", "PGNODE_REST_PORT", "9"));
        assertThat(ConfigShow.lines(loaded))
                .contains(
                        new ConfigShow.Line("cluster: pg-test", "a.yml:1"),
                        new ConfigShow.Line("name: pg-test-1", "from cluster and seq"),
                        new ConfigShow.Line(
                                "  preset: wide", "environment variable PGNODE_HA_PRESET"),
                        new ConfigShow.Line("  ttl: 30s", "from preset wide"),
                        new ConfigShow.Line("  port: 9", "environment variable PGNODE_REST_PORT"),
                        new ConfigShow.Line(
                                "  connect-address: 10.0.0.1:9", "from address and port"),
                        new ConfigShow.Line("  level: info", "default"));
    }

    @Test
    void printsTheWorstCases() throws ConfigProblems {
        LoadedConfig loaded = ConfigLoader.loadText("a.yml", TEXT, Map.of());
        assertThat(ConfigShow.recovery(loaded.config()))
                .contains(
                        "  node lost          12.0 s  ttl 10.0 s + lease expiry 0.5 s + race 1 s"
                                + " + promotion 0.5 s");
    }

    private static String shown(LoadedConfig loaded) {
        return ConfigShow.lines(loaded).stream()
                .map(line -> line.yaml() + " # " + line.comment())
                .collect(Collectors.joining("\n"));
    }
}
