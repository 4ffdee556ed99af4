package io.pgnode.backup.codec;

import io.pgnode.backup.codec.BlockMap.Block;
import io.pgnode.backup.codec.BlockMapFlags.Reference;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a {@link BlockMap}; see {@link BlockMapFlags}. */
final class BlockMapEncoder {
    private final BlockMap map;
    private final List<Block> blocks;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Integer, Reference> references = new HashMap<>();

    /** Of the last super block written; zero before the first. */
    private long lastSize;

    BlockMapEncoder(BlockMap map) {
        this.map = map;
        this.blocks = map.blocks();
    }

    byte[] encode() {
        Varint.write(out, 0);
        for (int from = 0; from < blocks.size(); ) {
            int to = endOfRun(from);
            writeRun(from, to);
            from = to;
        }
        return out.toByteArray();
    }

    private int endOfRun(int from) {
        int to = from + 1;
        while (to < blocks.size() && blocks.get(to).reference() == blocks.get(from).reference()) {
            to++;
        }
        return to;
    }

    private int endOfSuperBlock(int from, int endOfRun) {
        int to = from + 1;
        while (to < endOfRun && blocks.get(to).offset() == blocks.get(from).offset()) {
            to++;
        }
        return to;
    }

    private void writeRun(int from, int to) {
        Block first = blocks.get(from);
        long last = to == blocks.size() ? BlockMapFlags.LAST : 0;
        Reference known = references.get(first.reference());
        int position = from;
        if (known == null) {
            known = new Reference(first.bundle(), first.offset(), map.blockSize());
            references.put(first.reference(), known);
            writeReference(
                    first,
                    last
                            | (first.bundle() > 0 ? BlockMapFlags.BUNDLE : 0)
                            | (first.offset() > 0 ? BlockMapFlags.OFFSET : 0));
            if (first.bundle() > 0) {
                Varint.write(out, first.bundle());
            }
            if (first.offset() > 0) {
                Varint.write(out, first.offset());
            }
        } else if (first.offset() == known.offset) {
            int end = endOfSuperBlock(from, to);
            writeReference(
                    first,
                    last
                            | BlockMapFlags.CONTINUES
                            | (end == to ? BlockMapFlags.CONTINUES_ONLY : 0));
            lastSize = first.size();
            writeBlocks(known, from, end, true);
            position = end;
        } else {
            long gap = first.offset() - (known.offset + known.size);
            if (gap < 0) {
                throw new IllegalStateException(
                        "blocks of reference %d are not in order".formatted(first.reference()));
            }
            writeReference(first, last | (gap > 0 ? BlockMapFlags.OFFSET : 0));
            if (gap > 0) {
                Varint.write(out, gap);
            }
        }
        while (position < to) {
            int end = endOfSuperBlock(position, to);
            writeSuperBlock(known, position, end, end == to ? BlockMapFlags.LAST : 0);
            position = end;
        }
    }

    private void writeReference(Block block, long flags) {
        Varint.write(out, (long) block.reference() << BlockMapFlags.REFERENCE_SHIFT | flags);
    }

    private void writeSuperBlock(Reference known, int from, int to, long last) {
        Block block = blocks.get(from);
        known.offset = block.offset();
        known.size = block.size();
        known.next = 0;
        boolean changes = block.superBlockSize() != known.superBlockSize;
        boolean partial = isPartial(block, to - from);
        Varint.write(
                out,
                (lastSize == 0 ? block.size() : Varint.zigZag(block.size() - lastSize))
                                << BlockMapFlags.SUPER_BLOCK_SHIFT
                        | last
                        | (changes ? BlockMapFlags.SIZE_CHANGES : 0)
                        | (partial ? BlockMapFlags.PARTIAL : 0));
        if (changes) {
            long remainder = block.superBlockSize() % map.blockSize();
            Varint.write(
                    out,
                    block.superBlockSize() / map.blockSize() << 1
                            | (remainder > 0 ? BlockMapFlags.REMAINDER : 0));
            if (remainder > 0) {
                Varint.write(out, remainder);
            }
            known.superBlockSize = block.superBlockSize();
        }
        lastSize = block.size();
        writeBlocks(known, from, to, partial);
    }

    private boolean isPartial(Block first, int count) {
        return first.number() != 0
                || count != Math.ceilDiv(first.superBlockSize(), (long) map.blockSize());
    }

    private void writeBlocks(Reference known, int from, int to, boolean partial) {
        long first = blocks.get(from).number();
        if (partial) {
            long gap = first - known.next;
            Varint.write(out, (long) (to - from - 1) << 1 | (gap > 0 ? BlockMapFlags.GAP : 0));
            if (gap > 0) {
                Varint.write(out, gap);
            }
        }
        @Nullable Block before = null;
        for (int i = from; i < to; i++) {
            Block block = blocks.get(i);
            if (before == null
                    ? block.number() < known.next
                    : block.number() != before.number() + 1) {
                throw new IllegalStateException(
                        "blocks of a super block are not in order: %d".formatted(block.number()));
            }
            before = block;
            out.write(block.checksum(), 0, map.checksumSize());
        }
        known.next = first + (to - from);
    }
}
