package io.pgnode.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
    @Test
    void printsAsPostgres() {
        assertThat(new Lsn(0x3000148L)).hasToString("0/3000148");
        assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF").value()).isEqualTo(-1L);
        assertThat(Lsn.parse("16/B374D848")).hasToString("16/B374D848");
    }

    @Test
    void comparesUnsigned() {
        assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("0/1"));
        assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF").bytesAhead(Lsn.NONE)).isEqualTo(Long.MAX_VALUE);
        assertThat(Lsn.parse("0/10").bytesAhead(Lsn.parse("0/20"))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "0/", "/0", "0", "g/0", "-1/0", "000000001/0", "0/-1"})
    void rejectsAnythingElse(String text) {
        assertThatThrownBy(() -> Lsn.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LSN must");
    }
}
