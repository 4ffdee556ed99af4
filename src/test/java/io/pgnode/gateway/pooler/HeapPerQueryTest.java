package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapPerQueryTest {
    private static final double MUST = 64;

    @ParameterizedTest
    @ValueSource(strings = {"simple", "prepared"})
    void aQueryAllocatesNextToNothing(String mode) throws Exception {
        double bytes = HeapPerQuery.bytes(mode);
        System.out.printf("heap per query, %s: %.1f bytes%n", mode, bytes);
        assertThat(bytes).isLessThanOrEqualTo(MUST);
    }
}
