package io.pgnode.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    @Test
    void writesTheGoldenFile() throws IOException {
        MetricRegistry registry = new MetricRegistry();
        Labels primary = Labels.of("pool", "app", "member", "pg-test-1");
        registry.counter("pgnode_test_queries_total", "Queries since start.", primary).add(41);
        registry.counter("pgnode_test_queries_total", "Queries since start.", primary).increment();
        registry.counter(
                "pgnode_test_queries_total",
                "Queries since start.",
                Labels.of("pool", "quote \" backslash \\ line\nfeed", "member", "é"));
        registry.gauge("pgnode_test_load_ratio", "Help with \\ and\nline feed.", Labels.NONE)
                .set(0.25);

        Exposition out = new Exposition();
        registry.writeTo(out);
        out.family("pgnode_test_latency_seconds", MetricType.HISTOGRAM, "Time per call.")
                .sample("_bucket", Labels.of("le", "0.1"), 3)
                .sample("_bucket", Labels.of("le", "+Inf"), 4)
                .sample("_sum", Labels.NONE, 1.5)
                .sample("_count", Labels.NONE, 4);
        out.family("pgnode_test_edge", MetricType.UNTYPED, "Edge values.")
                .sample(Labels.of("v", "max"), Long.MAX_VALUE)
                .sample(Labels.of("v", "nan"), Double.NaN)
                .sample(Labels.of("v", "inf"), Double.POSITIVE_INFINITY)
                .sample(Labels.of("v", "neg"), Double.NEGATIVE_INFINITY)
                .sample(Labels.of("v", "time"), 1795171473.466506)
                .sample(Labels.of("v", "big"), 1e300);

        assertThat(out.text()).isEqualTo(golden("/metrics/exposition.txt"));
    }

    @Test
    void refusesAFamilyTwice() {
        Exposition out = new Exposition().family("a", MetricType.GAUGE, "A.");
        assertThatThrownBy(() -> out.family("a", MetricType.GAUGE, "A."))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("metric family a is written twice");
    }

    @Test
    void refusesWrongNames() {
        assertThatThrownBy(() -> new Exposition().family("1a", MetricType.GAUGE, ""))
                .hasMessageContaining("was \"1a\"");
        assertThatThrownBy(() -> Labels.of("a:b", "")).hasMessageContaining("was \"a:b\"");
        assertThatThrownBy(() -> Labels.of("a")).hasMessageContaining("must be pairs");
    }

    @Test
    void printsNoMoreThanTheLimitOfSeries() {
        MetricRegistry registry = new MetricRegistry();
        for (int i = 0; i < MetricRegistry.MAX_SERIES + 5; i++) {
            registry.counter("c_total", "C.", Labels.of("i", "" + i)).increment();
        }
        Exposition out = new Exposition();
        registry.writeTo(out);
        assertThat(out.text().lines()).hasSize(MetricRegistry.MAX_SERIES + 2);
    }

    private static String golden(String resource) throws IOException {
        try (InputStream in = ExpositionTest.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
