package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlockSizesTest {
    private static final long DAY = 24 * 60 * 60;

    @Test
    void blocksAreOfOnePageAndGrowWithTheFilesAge() {
        assertThat(BlockSizes.blockSize(16 * 1024 - 1, 0)).isZero();
        assertThat(BlockSizes.blockSize(16 * 1024, 0)).isEqualTo(8192);
        assertThat(BlockSizes.blockSize(1L << 30, 7 * DAY - 1)).isEqualTo(8192);
        assertThat(BlockSizes.blockSize(1L << 30, 7 * DAY)).isEqualTo(16384);
        assertThat(BlockSizes.blockSize(1L << 30, 14 * DAY)).isEqualTo(32768);
        assertThat(BlockSizes.blockSize(1L << 30, 28 * DAY)).isZero();
    }
}
