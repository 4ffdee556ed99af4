package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Changed;
import io.pgnode.testing.RealPostgres;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who decides where WAL goes. */
class ArchivingParametersTest {
    private static final String OURS = "/usr/bin/pgnode archive-push -c /etc/pgnode/pgnode.yml %p";

    @Test
    void theNodeArchivesByItself() throws Exception {
        try (RealPostgres server = server(Map.of())) {
            server.bootstrap();
            assertThat(server.sql("SHOW archive_mode")).isEqualTo("on");
            assertThat(server.sql("SHOW archive_command")).isEqualTo(OURS);
        }
    }

    @Test
    void anOperatorsOwnParametersWin() throws Exception {
        try (RealPostgres server = server(Map.of("archive_command", "cp %p /elsewhere/%f"))) {
            server.bootstrap();
            assertThat(server.sql("SHOW archive_command")).isEqualTo("cp %p /elsewhere/%f");
            var _ =
                    server.instance()
                            .applyParameters(Map.of("archive_mode", "off"), List.of(), List.of());
            assertThat(
                            server.sql(
                                    "SELECT setting FROM pg_file_settings WHERE name = 'archive_mode'"))
                    .isEqualTo("off");
        }
    }

    private static RealPostgres server(Map<String, String> parameters) {
        return RealPostgres.create(
                "archiving",
                settings -> {
                    Map<String, String> all = new LinkedHashMap<>(settings.parameters());
                    all.putAll(parameters);
                    return Changed.copy(
                            Changed.copy(settings, "archiveCommand", OURS), "parameters", all);
                });
    }
}
