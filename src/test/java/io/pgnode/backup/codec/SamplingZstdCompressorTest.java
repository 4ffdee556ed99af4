package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.CompressType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplingZstdCompressorTest {
    private static final int MIB = 1 << 20;

    private final Compression sampling = Compression.of(CompressType.ZST);

    @Test
    void takesTheFasterLevelWhereItStoresNoMore() throws IOException {
        byte[] texts = texts(2 * MIB);
        assertThat(frames(sampling, texts).getFirst())
                .isEqualTo(frames(level(1), texts).getFirst());
    }

    @Test
    void takesTheThoroughLevelWhereItStoresLess() throws IOException {
        byte[] far = repetitions(2 * MIB);
        assertThat(frames(level(3), far).getFirst().length)
                .isLessThan(frames(level(1), far).getFirst().length);
        assertThat(frames(sampling, far).getFirst()).isEqualTo(frames(level(3), far).getFirst());
    }

    @Test
    void smallFramesAndChosenLevelsAreNotTried() throws IOException {
        byte[] texts = texts(100_000);
        assertThat(frames(sampling, texts).getFirst())
                .isEqualTo(frames(level(3), texts).getFirst());
        assertThat(Filters.apply(Compression.of(CompressType.LZ4).compressor(false), texts))
                .isEqualTo(Filters.apply(Filters.compressor(CompressType.LZ4, 1, false), texts));
    }

    @Test
    void whatFollowsIsTriedAgainAfterAWhile() throws IOException {
        byte[] texts = texts(MIB);
        byte[] far = repetitions(MIB);
        byte[] small = texts(1000);
        List<byte[]> all = new ArrayList<>();
        all.add(small);
        for (int i = 0; i < 20; i++) {
            all.add(texts);
        }
        for (int i = 0; i < 20; i++) {
            all.add(far);
        }
        List<byte[]> stored = frames(sampling, all.toArray(byte[][]::new));
        byte[] best = frames(level(3), far).getFirst();
        assertThat(stored.subList(21 + 16, stored.size())).allMatch(f -> f.length == best.length);
        for (int i = 0; i < all.size(); i++) {
            assertThat(Filters.apply(Filters.decompressor(CompressType.ZST, false), stored.get(i)))
                    .isEqualTo(all.get(i));
        }
    }

    private static Compression level(int level) {
        return Compression.of(CompressType.ZST, level);
    }

    /** In pieces, by one compressor. */
    private static List<byte[]> frames(Compression compression, byte[]... contents)
            throws IOException {
        List<byte[]> frames = new ArrayList<>();
        try (Filter filter = compression.compressor(true)) {
            for (byte[] content : contents) {
                ByteArrayOutputStream frame = new ByteArrayOutputStream();
                int piece = 8192 + 1;
                for (int at = 0; at < content.length; at += piece) {
                    filter.update(content, at, Math.min(piece, content.length - at), frame::write);
                }
                filter.finish(frame::write);
                frames.add(frame.toByteArray());
            }
        }
        return frames;
    }

    private static byte[] texts(int length) {
        byte[] random = new byte[length / 2];
        new Random(1).nextBytes(random);
        return HexFormat.of()
                .formatHex(random)
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** Pieces of one of a thousand words each, which come again far away. */
    private static byte[] repetitions(int length) {
        Random random = new Random(2);
        byte[][] words = new byte[1000][];
        for (int i = 0; i < words.length; i++) {
            words[i] = new byte[12 + random.nextInt(30)];
            random.nextBytes(words[i]);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < length) {
            out.writeBytes(words[random.nextInt(words.length)]);
        }
        return out.toByteArray();
    }
}
