package io.pgnode.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackrestJsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-1",
                "9223372036854775807",
                "\"\"",
                "[]",
                "{}",
                "[1,[2,3],\"a\",null]",
                "{\"b\":1,\"a\":{\"x\":[true]}}",
                "\"quote \\\" backslash \\\\ line\\nfeed\\r tab\\t \\b\\f control \u0001 ü\"",
            })
    void rendersWhatItParsed(String json) {
        assertThat(BackrestJson.render(BackrestJson.parse(json))).isEqualTo(json);
    }

    @Test
    void systemIdentifiersAreUnsigned() {
        Object value = BackrestJson.parse("18446744073709551615");
        assertThat(value).isEqualTo(-1L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " 1",
                "1 ",
                "1.5",
                "18446744073709551616",
                "-",
                "tru",
                "\"",
                "\"\\x\"",
                "\"\\ud800\"",
                "[1,",
                "[1,]",
                "[,]",
                "{\"a\"}",
                "{\"a\":}",
                "{1:2}",
                "{\"a\":1}}",
                "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
            })
    void refusesWhatIsNotItsSubset(String json) {
        assertThatThrownBy(() -> BackrestJson.parse(json))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesThatAreNotUtf8ComeBackAsTheyWere() {
        byte[] json = {'"', 'a', (byte) 0xFF, (byte) 0xC3, '\\', 'n', (byte) 0xFE, '"'};
        Object value = BackrestJson.parse(json, 0, json.length);
        assertThat(BackrestJson.render(value).getBytes(StandardCharsets.UTF_8)).isNotEmpty();
        assertThat(RawText.encode(BackrestJson.render(value))).isEqualTo(json);
    }
}
