package io.pgnode.backup.repo;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.CompressType;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WalCompressionTest {
    private static final int SEGMENT = 1 << 24;
    private static final WalCompression ZST = WalCompression.of(CompressType.ZST);

    private final Random random = new Random(7);

    @Test
    void textWithoutRepetitionsIsCompressedFast() throws Exception {
        byte[] half = new byte[SEGMENT / 2];
        random.nextBytes(half);
        byte[] wal = HexFormat.of().formatHex(half).getBytes(StandardCharsets.US_ASCII);

        assertThat(ZST.levelFor(WalSource.of(wal))).isEqualTo(1);
    }

    /** As the same rows of pgbench again and again: repetitions that level 1 is blind for. */
    @Test
    void shortRepetitionsKeepTheLevelThatStoresLess() throws Exception {
        byte[][] words = new byte[512][5];
        for (byte[] word : words) {
            random.nextBytes(word);
        }
        byte[] wal = new byte[SEGMENT];
        for (int at = 0; at + 5 < SEGMENT; at += 5) {
            System.arraycopy(words[random.nextInt(words.length)], 0, wal, at, 5);
        }

        assertThat(ZST.levelFor(WalSource.of(wal))).isEqualTo(3);
    }

    @Test
    void chosenLevelStays() throws Exception {
        WalSource zeros = WalSource.of(new byte[SEGMENT]);

        assertThat(WalCompression.of(CompressType.ZST, 9).levelFor(zeros)).isEqualTo(9);
        assertThat(WalCompression.of(CompressType.LZ4).levelFor(zeros)).isEqualTo(1);
        assertThat(WalCompression.of(CompressType.GZ).levelFor(zeros)).isEqualTo(6);
        assertThat(ZST.levelFor(WalSource.of(new byte[1 << 20]))).isEqualTo(3);
    }

    /** A file may be shorter than it was said to be; that is for others to find. */
    @Test
    void samplesEndWithTheFile() throws Exception {
        for (int length : new int[] {0, 1, 1 << 20, SEGMENT - 1}) {
            WalSource source =
                    new WalSource() {
                        @Override
                        public long size() {
                            return SEGMENT;
                        }

                        @Override
                        public java.io.InputStream open() {
                            return new java.io.ByteArrayInputStream(new byte[length]);
                        }
                    };
            assertThat(ZST.levelFor(source)).isBetween(1, 3);
        }
    }
}
