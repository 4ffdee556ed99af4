package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockMapTest {
    private static final int BLOCK = 88 * 1024;
    private static final HexFormat HEX = HexFormat.of();
    private static final int SUPER = 12 * BLOCK;

    /**
     * 26 000 blocks: in a file of this backup, in bundles of others, far behind their beginning.
     */
    @Test
    void aFileOfManyGibibytesComesBack() throws Exception {
        List<BlockMap.Block> blocks = new ArrayList<>();
        for (int i = 0; i < 26_004; i++) {
            int group = i / 12;
            int reference = group % 3;
            blocks.add(
                    new BlockMap.Block(
                            reference,
                            SUPER,
                            reference == 0 ? 0 : 3_000_000_000L + reference,
                            (long) group * 2_000_000,
                            1_999_000 + group % 7,
                            i % 12,
                            new byte[] {1, 2, 3, 4, 5, 6, (byte) i, (byte) (i >> 8)}));
        }
        BlockMap map = new BlockMap(BLOCK, 8, blocks);
        assertThat(blocks.getLast().offset()).isGreaterThan(1L << 32);

        byte[] bytes = map.encode();
        BlockMap decoded = BlockMap.decode(bytes, 0, bytes.length, BLOCK, 8);

        assertThat(decoded.blocks()).hasSameSizeAs(blocks);
        assertThat(facts(decoded)).isEqualTo(facts(map));
        assertThat(decoded.encode()).isEqualTo(bytes);
    }

    /** Records compare arrays by identity. */
    private static List<String> facts(BlockMap map) {
        return map.blocks().stream()
                .map(it -> it.toString().replaceFirst("checksum=.*", HEX.formatHex(it.checksum())))
                .toList();
    }
}
