package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.metrics.Exposition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Golden files; {@code -Dgolden.rewrite=true} writes them anew. */
class PatroniMetricsTest {
    @Test
    void printsAPrimary() throws IOException {
        assertGolden("primary.txt", TestNode.primary());
    }

    @Test
    void printsAReplica() throws IOException {
        TestNode node = TestNode.replica();
        node.failsafeMode = true;
        node.pause = true;
        node.viewAgeNanos = Duration.ofSeconds(60).toNanos();
        node.loopAgeNanos = -1;
        node.tags = Map.of("nofailover", "true");
        node.pendingRestart = Map.of("max_connections", "100 -> 111");
        assertGolden("replica.txt", node);
    }

    @Test
    void hasThe26MetricsOfPatroni() throws IOException {
        Exposition out = new Exposition();
        PatroniMetrics.write(TestNode.primary().status(), out);
        assertThat(out.text().lines().filter(line -> line.startsWith("# TYPE patroni_")))
                .hasSize(26);
    }

    @Test
    void numbersStatesAsPatroniDoes() {
        assertThat(PatroniMetrics.stateNumber("creating replica")).isEqualTo(4);
        assertThat(PatroniMetrics.stateNumber("running")).isEqualTo(5);
        assertThat(PatroniMetrics.stateNumber("stopped")).isEqualTo(12);
        assertThat(PatroniMetrics.stateNumber("crashed")).isEqualTo(14);
        assertThat(PatroniMetrics.stateNumber("unknown")).isEqualTo(-1);
    }

    private static void assertGolden(String file, TestNode node) throws IOException {
        Exposition out = new Exposition();
        PatroniMetrics.write(node.status(), out);
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.writeString(Path.of("src/test/resources/rest/metrics", file), out.text());
        }
        try (InputStream in =
                PatroniMetricsTest.class.getResourceAsStream("/rest/metrics/" + file)) {
            assertThat(out.text())
                    .isEqualTo(
                            new String(
                                    Objects.requireNonNull(in).readAllBytes(),
                                    StandardCharsets.UTF_8));
        }
    }
}
