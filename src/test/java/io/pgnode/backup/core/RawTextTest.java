package io.pgnode.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawTextTest {
    @Test
    void utf8IsItself() {
        String text = "Größe 𝄞/x";

        byte[] bytes = RawText.encode(text);

        assertThat(bytes).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        assertThat(RawText.decode(bytes)).isEqualTo(text);
    }

    @Test
    void otherBytesAreLoneSurrogates() {
        byte[] bytes = HexFormat.of().parseHex("61fc62c3");

        String text = RawText.decode(bytes);

        assertThat(text).isEqualTo("a\uDCFCb\uDCC3");
        assertThat(RawText.encode(text)).isEqualTo(bytes);
    }

    @Test
    void anyBytesComeBack() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            var bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);

            assertThat(RawText.encode(RawText.decode(bytes))).as("seed %s", seed).isEqualTo(bytes);
        }
    }

    @Test
    void surrogateOfNoByteIsRefused() {
        assertThatThrownBy(() -> RawText.encode("a\uD800b"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
