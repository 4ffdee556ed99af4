package io.pgnode.gateway.stats;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.metrics.Exposition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StatTextTest {
    private final FakeDesk desk = new FakeDesk();

    private static String resource(String name) throws IOException {
        try (InputStream in = StatTextTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String csv() {
        return StatText.csv(StatRows.of(desk.services()));
    }

    @Test
    void theHeaderIsHaproxysByteForByte() throws IOException {
        String header = csv().substring(0, csv().indexOf('\n') + 1);

        assertThat(header).isEqualTo(resource("haproxy-2.6-header.csv"));
    }

    @Test
    void everyRowHasAllColumns() {
        List<String> lines = csv().lines().toList();

        assertThat(lines).hasSize(1 + 2 + 3 + 2 + 1);
        for (String line : lines) {
            assertThat(line.split(",", -1)).hasSize(Columns.ALL.size() + 1);
        }
    }

    @Test
    void valuesStandInTheirColumns() {
        List<String> header = List.of(csv().lines().toList().get(0).substring(2).split(","));
        List<String> server = List.of(csv().lines().toList().get(2).split(",", -1));

        assertThat(server.get(header.indexOf("pxname"))).isEqualTo("pg-test-default");
        assertThat(server.get(header.indexOf("svname"))).isEqualTo("pg-test-1");
        assertThat(server.get(header.indexOf("scur"))).isEqualTo("42");
        assertThat(server.get(header.indexOf("status"))).isEqualTo("UP");
        assertThat(server.get(header.indexOf("check_status"))).isEqualTo("L7OK");
        assertThat(server.get(header.indexOf("addr"))).isEqualTo("10.10.10.11:5432");
        assertThat(server.get(header.indexOf("-"))).isEqualTo("-");
    }

    @Test
    void jsonHasHaproxysShape() throws IOException {
        JsonNode all = new ObjectMapper().readTree(StatText.json(StatRows.of(desk.services())));

        JsonNode first = all.get(0).get(0);
        assertThat(first.toString())
                .isEqualTo(
                        "{\"objType\":\"Frontend\",\"proxyId\":2,\"id\":0,\"field\":{\"pos\":0,"
                                + "\"name\":\"pxname\"},\"processNum\":1,\"tags\":{\"origin\":"
                                + "\"Key\",\"nature\":\"Name\",\"scope\":\"Service\"},\"value\":"
                                + "{\"type\":\"str\",\"value\":\"pg-test-default\"}}");
        assertThat(all).hasSize(8);
    }

    @Test
    void metricsHaveAllOfHaproxysNames() throws IOException {
        Exposition out = new Exposition();
        MetricsText.write(out, desk);
        String text = out.text();
        Set<String> ours =
                text.lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.replaceAll("[{ ].*", ""))
                        .collect(Collectors.toCollection(TreeSet::new));

        Set<String> theirs = new TreeSet<>(resource("haproxy-2.6-families.txt").lines().toList());
        // zlib's memory is not known there either
        theirs.removeIf(name -> name.contains("zlib"));
        assertThat(ours).containsAll(theirs);
        assertThat(text)
                .contains(
                        "haproxy_server_status{proxy=\"pg-test-default\",server=\"pg-test-1\","
                                + "state=\"UP\"} 1\n")
                .contains(
                        "haproxy_server_status{proxy=\"pg-test-default\",server=\"pg-test-2\","
                                + "state=\"DOWN\"} 1\n")
                .contains("haproxy_backend_current_sessions{proxy=\"pg-test-default\"} 42\n")
                .contains("haproxy_process_idle_time_percent 97\n")
                .contains(
                        "haproxy_server_queue_time_average_seconds{proxy=\"pg-test-default\","
                                + "server=\"pg-test-1\"} 0.003\n");
    }
}
