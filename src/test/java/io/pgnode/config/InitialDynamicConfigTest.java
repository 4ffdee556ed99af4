package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class InitialDynamicConfigTest {
    @Test
    void saysWhatThePresetSays() throws ConfigProblems {
        assertThat(json("ha: {preset: fast}"))
                .isEqualTo(
                        "{\"ttl\":5,\"loop_wait\":1,\"retry_timeout\":2,"
                                + "\"maximum_lag_on_failover\":1048576,"
                                + "\"postgresql\":{\"use_pg_rewind\":true,\"use_slots\":true,"
                                + "\"parameters\":{}}}");
    }

    @Test
    void mergesWhatBootstrapSays() throws ConfigProblems {
        assertThat(
                        json(
                                """
                                ha: {ttl: 20s, remove-data-directory-on-rewind-failure: true}
                                bootstrap:
                                  dcs:
                                    maximum_lag_on_failover: null
                                    retry_timeout: 5
                                    synchronous_mode: true
                                    pg_version: 15
                                    postgresql:
                                      use_slots: false
                                      parameters: {work_mem: 8MB, max_connections: 200}
                                """))
                .isEqualTo(
                        "{\"ttl\":20,\"loop_wait\":2,\"retry_timeout\":5,"
                                + "\"postgresql\":{\"use_pg_rewind\":true,\"use_slots\":false,"
                                + "\"remove_data_directory_on_rewind_failure\":true,"
                                + "\"parameters\":{\"work_mem\":\"8MB\",\"max_connections\":200}},"
                                + "\"synchronous_mode\":true,\"pg_version\":15}");
    }

    private static String json(String text) throws ConfigProblems {
        String identity = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n";
        return InitialDynamicConfig.json(
                ConfigLoader.loadText("pgnode.yml", identity + text, Map.of()).config());
    }
}
