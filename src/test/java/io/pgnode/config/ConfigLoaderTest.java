package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.HostPort;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigLoaderTest {
    private static final String SMALL =
            """
            cluster: pg-test
            seq: 1
            address: 10.0.0.1
            """;

    @Test
    void fillsInDefaults() throws ConfigProblems {
        PgnodeConfig config = ConfigLoader.loadText("pgnode.yml", SMALL, Map.of()).config();

        Identity identity = Identity.of(config);
        assertThat(identity.name()).hasToString("pg-test-1");
        assertThat(identity.postgresql()).isEqualTo(new HostPort("10.0.0.1", 5432));
        assertThat(Timings.of(config.ha())).isEqualTo(Preset.NORM.timings());
        assertThat(config.bootstrap().initdb())
                .containsExactly(
                        new CommandOption("data-checksums", ""),
                        new CommandOption("encoding", "UTF8"));
        assertThat(config.postgresql().pgHba()).isEmpty();
        assertThat(config.bootstrap().dcs().object()).isEmpty();
    }

    @Test
    void readsEveryKindOfValue() throws ConfigProblems {
        PgnodeConfig config =
                ConfigLoader.loadText(
                                "pgnode.yml",
                                SMALL
                                        + """
                                        dcs:
                                          endpoints: [10.0.0.1, "10.0.0.2:2380"]
                                          timeout: 500ms
                                        ha:
                                          preset: lan
                                          tags: {nofailover: true, zone: a}
                                        postgresql:
                                          parameters:
                                            pg_stat_statements.max: 5000
                                            shared_preload_libraries: 'a, b'
                                          pg-hba:
                                            - host all all 127.0.0.1/32 trust
                                            - host all all 10.0.0.0/8 scram-sha-256
                                          superuser: {password: "$x,y"}
                                          create-replica-methods: [pgbackrest, basebackup]
                                          replica-methods:
                                            pgbackrest: {command: /bin/sh -c 'exit 1', keep-data: on}
                                          replication: {sslmode: verify-ca}
                                        bootstrap:
                                          initdb: [{locale: C}, data-checksums]
                                          dcs:
                                            postgresql:
                                              parameters: {max_connections: 200}
                                        """,
                                Map.of("PGNODE_POSTGRESQL_PORT", "6000"))
                        .config();

        assertThat(config.dcs().endpoints())
                .containsExactly(new HostPort("10.0.0.1", 2379), new HostPort("10.0.0.2", 2380));
        assertThat(config.dcs().timeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.ha().tags()).isEqualTo(Map.of("nofailover", "true", "zone", "a"));
        assertThat(config.postgresql().port()).isEqualTo(6000);
        assertThat(config.postgresql().parameters())
                .isEqualTo(
                        Map.of(
                                "pg_stat_statements.max",
                                "5000",
                                "shared_preload_libraries",
                                "a, b"));
        assertThat(config.postgresql().pgHba().orElseThrow()).hasSize(2);
        assertThat(config.postgresql().superuser().password())
                .hasValueSatisfying(secret -> assertThat(secret.reveal()).isEqualTo("$x,y"));
        assertThat(config.postgresql().replicaMethods().get("pgbackrest"))
                .satisfies(method -> assertThat(method.keepData()).isTrue());
        assertThat(config.postgresql().replication().sslmode()).isEqualTo(SslMode.VERIFY_CA);
        assertThat(config.bootstrap().initdb().getFirst().argument()).isEqualTo("--locale=C");
        assertThat(config.bootstrap().dcs().json())
                .isEqualTo("{\"postgresql\":{\"parameters\":{\"max_connections\":200}}}");
    }
}
