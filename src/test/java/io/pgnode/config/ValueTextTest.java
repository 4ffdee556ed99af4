package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTextTest {
    @ParameterizedTest
    @CsvSource({
        "500ms,500,500ms",
        "10,10000,10s",
        "10s,10000,10s",
        "90 s,90000,90s",
        "5min,300000,5min",
        "2m,120000,2min",
        "1h,3600000,1h",
        "1d,86400000,24h",
        "0,0,0s"
    })
    void parsesDurations(String text, long millis, String printed) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Durations.print(Duration.ofMillis(millis))).isEqualTo(printed);
        assertThat(Durations.parse(printed)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "1.5s", "1w", "99999999999999999999s", "367d", "1 0s"})
    void rejectsOtherDurations(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void splitsCommandsIntoWords() {
        assertThat(CommandLine.parse("/bin/x  -a 'b c' \"d\\\"e\" f\\ g ''").words())
                .isEqualTo(List.of("/bin/x", "-a", "b c", "d\"e", "f g", ""));
        assertThat(CommandLine.parse("/bin/x 'a\\b'").words()).isEqualTo(List.of("/bin/x", "a\\b"));
        for (String wrong : List.of("", "  ", "/bin/x 'a", "'' a")) {
            assertThatThrownBy(() -> CommandLine.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void findsTheDistanceOfNames() {
        assertThat(Names.distance("port", "port")).isZero();
        assertThat(Names.distance("prot", "port")).isEqualTo(1);
        assertThat(Names.distance("", "abc")).isEqualTo(3);
        assertThat(Names.distance("endpoint", "endpoints")).isEqualTo(1);
        assertThat(Names.first("\"a.b\".c")).isEqualTo("\"a.b\"");
    }
}
