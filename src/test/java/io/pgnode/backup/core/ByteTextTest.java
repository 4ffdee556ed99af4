package io.pgnode.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteTextTest {
    @Test
    void utf8IsItself() {
        String text = "Größe 𝄞/x";

        byte[] bytes = ByteText.encode(text);

        assertThat(bytes).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        assertThat(ByteText.decode(bytes)).isEqualTo(text);
    }

    @Test
    void otherBytesAreLoneSurrogates() {
        byte[] bytes = HexFormat.of().parseHex("61fc62c3");

        String text = ByteText.decode(bytes);

        assertThat(text).isEqualTo("a\uDCFCb\uDCC3");
        assertThat(ByteText.encode(text)).isEqualTo(bytes);
    }

    @Test
    void anyBytesComeBack() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            var bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);

            assertThat(ByteText.encode(ByteText.decode(bytes)))
                    .as("seed %s", seed)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void surrogateOfNoByteIsRefused() {
        assertThatThrownBy(() -> ByteText.encode("a\uD800b"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
