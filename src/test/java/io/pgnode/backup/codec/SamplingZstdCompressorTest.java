package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.CompressType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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
    void aSampleMayBeALittleLarger() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            byte[] rows = rows(MIB, seed);
            byte[] sample = Arrays.copyOf(rows, 128 * 1024);
            int fast = frames(level(1), sample).getFirst().length;
            int thorough = frames(level(3), sample).getFirst().length;
            assertThat(fast).isLessThan(thorough + thorough / 50);
            assertThat(frames(sampling, rows).getFirst())
                    .isEqualTo(frames(level(1), rows).getFirst());
        }
    }

    @Test
    void takesTheThoroughLevelWhereItStoresLess() throws IOException {
        byte[] words = words(2 * MIB);
        assertThat(frames(level(3), words).getFirst().length)
                .isLessThan(frames(level(1), words).getFirst().length);
        assertThat(frames(sampling, words).getFirst())
                .isEqualTo(frames(level(3), words).getFirst());
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
        byte[] words = words(MIB);
        byte[] small = texts(1000);
        List<byte[]> all = new ArrayList<>();
        all.add(small);
        for (int i = 0; i < 20; i++) {
            all.add(texts);
        }
        for (int i = 0; i < 20; i++) {
            all.add(words);
        }
        List<byte[]> stored = frames(sampling, all.toArray(byte[][]::new));
        byte[] best = frames(level(3), words).getFirst();
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
        return HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII);
    }

    /** As a table's: a header that hardly changes, a number, a random text. */
    private static byte[] rows(int length, int seed) {
        Random random = new Random(seed);
        byte[] text = new byte[32];
        ByteBuffer rows = ByteBuffer.allocate(length + 200).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; rows.position() < length; i++) {
            random.nextBytes(text);
            rows.putInt(740).putInt(0).putInt(0).putInt(i / 76).putShort((short) (i % 76));
            rows.putInt(0x18_0902).putShort((short) 0).putInt(i).put((byte) 0x83);
            rows.put(HexFormat.of().formatHex(text).getBytes(StandardCharsets.US_ASCII));
            rows.put(new byte[3]);
        }
        return Arrays.copyOf(rows.array(), length);
    }

    /** Short words that come again soon, which a fast level does not look for. */
    private static byte[] words(int length) {
        Random random = new Random(2);
        byte[][] words = new byte[300][];
        for (int i = 0; i < words.length; i++) {
            words[i] = new byte[4 + random.nextInt(4)];
            random.nextBytes(words[i]);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < length) {
            out.writeBytes(words[random.nextInt(words.length)]);
        }
        return out.toByteArray();
    }
}
