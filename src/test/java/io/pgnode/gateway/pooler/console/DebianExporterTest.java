package io.pgnode.gateway.pooler.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnode.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Debian's prometheus-pgbouncer-exporter, a program that nobody wrote for us, scrapes us. */
class DebianExporterTest {
    private static final Path EXPORTER = Path.of("/usr/bin/prometheus-pgbouncer-exporter");

    @Test
    void scrapesWithoutAnError() throws Exception {
        assumeTrue(Files.isExecutable(EXPORTER), "prometheus-pgbouncer-exporter is not installed");
        int port = FreePorts.next();
        try (PoolerUnderTest pooler = new PoolerUnderTest();
                Connection client = pooler.connect("app", "joe")) {
            assertThat(PoolerUnderTest.rows(client, "SELECT 1")).hasSize(1);
            ProcessBuilder builder =
                    new ProcessBuilder(
                                    EXPORTER.toString(),
                                    "--host",
                                    "127.0.0.1",
                                    "--port",
                                    String.valueOf(port),
                                    "--pgbouncer-host",
                                    "127.0.0.1",
                                    "--pgbouncer-port",
                                    String.valueOf(pooler.port()),
                                    "--pgbouncer-user",
                                    "stats")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put("PGAPPNAME", LegacyColumns.WANTED_BY);
            Process exporter = builder.start();
            try {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> !exporter.isAlive() || !scrape(port).isEmpty());
                assertThat(exporter.isAlive()).as("the exporter goes on").isTrue();
                assertThat(scrape(port))
                        .contains("pgbouncer_requests_total{database=\"app\"} ")
                        .contains(
                                "pgbouncer_active_clients{database=\"app\",user=\"postgres\"} 1.0")
                        .contains("pgbouncer_reserve_pool{database=\"postgres\"} ")
                        .contains("pgbouncer_databases 4.0");
            } finally {
                exporter.destroyForcibly();
            }
        }
    }

    /** Empty when it does not answer. */
    private static String scrape(int port) throws InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "";
        } catch (IOException e) {
            return "";
        }
    }
}
