package io.pgnode.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class YamlsTest {
    @Test
    void givesBackWhatItWrote() {
        JsonNode node =
                Json.parse(
                        "{\"ttl\":30,\"pg\":{\"on\":\"off\",\"n\":null,\"t\":true,\"f\":0.5,\"l\":[1,\"a b\"]}}");

        assertThat(Yamls.parse(Yamls.dump(node))).isEqualTo(node);
    }

    @Test
    void saysInWhichLineItIsWrong() {
        assertThatThrownBy(() -> Yamls.parse("ttl: 30\nloop_wait: [1,\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 3");
    }

    @Test
    void refusesAKeyThatIsThereTwice() {
        assertThatThrownBy(() -> Yamls.parse("ttl: 30\nttl: 31\n")).hasMessageContaining("ttl");
    }

    @Test
    void neverBuildsObjectsOfOtherTypes() {
        assertThatThrownBy(() -> Yamls.parse("!!java.net.URL [\"http://localhost/\"]"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
