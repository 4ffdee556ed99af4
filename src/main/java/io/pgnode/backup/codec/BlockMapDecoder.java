package io.pgnode.backup.codec;

import io.pgnode.backup.codec.BlockMap.Block;
import io.pgnode.backup.codec.BlockMapFlags.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a {@link BlockMap}; see {@link BlockMapFlags}. */
final class BlockMapDecoder {
    /** No file is larger, nor stored larger; so sums do not overflow. */
    private static final long LIMIT = 1L << 50;

    private final Varint.Reader in;
    private final int blockSize;
    private final int checksumSize;
    private final List<Block> blocks = new ArrayList<>();
    private final Map<Integer, Reference> references = new HashMap<>();
    private long lastSize;

    BlockMapDecoder(Varint.Reader in, int blockSize, int checksumSize) {
        this.in = in;
        this.blockSize = blockSize;
        this.checksumSize = checksumSize;
    }

    BlockMap decode() throws IOException {
        long version = in.next();
        if (version != 0) {
            throw new IOException(
                    "block map has version %d, not 0; HINT: it is of a later or a beta version of the format"
                            .formatted(version));
        }
        boolean last;
        do {
            last = readRun();
        } while (!last);
        if (in.left() > 0) {
            throw damaged(in.left() + " bytes follow it");
        }
        return new BlockMap(blockSize, checksumSize, blocks);
    }

    /** Returns whether it is the last one. */
    private boolean readRun() throws IOException {
        long encoded = in.next();
        long id = encoded >>> BlockMapFlags.REFERENCE_SHIFT;
        if (id > Integer.MAX_VALUE) {
            throw damaged("reference " + id);
        }
        int reference = (int) id;
        Reference known = references.get(reference);
        boolean end = false;
        if (known == null) {
            long bundle = (encoded & BlockMapFlags.BUNDLE) == 0 ? 0 : in.next();
            long offset = (encoded & BlockMapFlags.OFFSET) == 0 ? 0 : size(in.next());
            known = new Reference(bundle, offset, blockSize);
            references.put(reference, known);
        } else if ((encoded & BlockMapFlags.CONTINUES) != 0) {
            lastSize = known.size;
            readBlocks(reference, known, true);
            end = (encoded & BlockMapFlags.CONTINUES_ONLY) != 0;
            if (!end) {
                known.offset = size(known.offset + known.size);
            }
        } else {
            long gap = (encoded & BlockMapFlags.OFFSET) == 0 ? 0 : size(in.next());
            known.offset = size(known.offset + known.size + gap);
        }
        while (!end) {
            end = readSuperBlock(reference, known);
            if (!end) {
                known.offset = size(known.offset + known.size);
            }
        }
        return (encoded & BlockMapFlags.LAST) != 0;
    }

    /** Returns whether it is the run's last one. */
    private boolean readSuperBlock(int reference, Reference known) throws IOException {
        long encoded = in.next();
        long size = encoded >>> BlockMapFlags.SUPER_BLOCK_SHIFT;
        known.size = size(lastSize == 0 ? size : lastSize + Varint.fromZigZag(size));
        if (known.size == 0) {
            throw damaged("a super block of no bytes");
        }
        known.next = 0;
        if ((encoded & BlockMapFlags.SIZE_CHANGES) != 0) {
            long inBlocks = in.next();
            long remainder = (inBlocks & BlockMapFlags.REMAINDER) == 0 ? 0 : size(in.next());
            known.superBlockSize = size(size(inBlocks >>> 1) * blockSize + remainder);
        }
        lastSize = known.size;
        readBlocks(reference, known, (encoded & BlockMapFlags.PARTIAL) != 0);
        return (encoded & BlockMapFlags.LAST) != 0;
    }

    private void readBlocks(int reference, Reference known, boolean partial) throws IOException {
        long total = Math.ceilDiv(known.superBlockSize, (long) blockSize);
        long count = total;
        if (partial) {
            long encoded = in.next();
            count = (encoded >>> 1) + 1;
            if ((encoded & BlockMapFlags.GAP) != 0) {
                known.next = size(known.next + size(in.next()));
            }
        }
        if (count > total - known.next) {
            throw damaged("a super block has %d blocks more than fit".formatted(count));
        }
        for (long i = 0; i < count; i++) {
            blocks.add(
                    new Block(
                            reference,
                            known.superBlockSize,
                            known.bundle,
                            known.offset,
                            known.size,
                            known.next++,
                            in.bytes(checksumSize)));
        }
    }

    private static long size(long value) throws IOException {
        if (value < 0 || value > LIMIT) {
            throw damaged("size or offset " + value);
        }
        return value;
    }

    private static IOException damaged(String why) {
        return new IOException("block map is damaged: " + why);
    }
}
