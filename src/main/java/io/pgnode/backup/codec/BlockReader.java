package io.pgnode.backup.codec;

import io.pgnode.backup.codec.BlockMap.Block;
import io.pgnode.backup.core.CompressType;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a file from its block map and the super blocks in a chain of backups. The bytes are not
 * checked against the map's hashes: whoever wants the file computes its SHA-1 anyway, which says
 * more. May be used by several threads at once.
 */
public final class BlockReader {
    /** A contiguous run of super blocks to read from one backup. */
    public record Range(
            int reference, long bundle, long offset, long size, List<SuperBlock> parts) {
        public Range {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Which of its blocks are wanted, ascending.
     *
     * @param size as stored
     * @param length of its blocks together
     * @param numbers of the blocks within it
     * @param blocks their numbers in the file
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record SuperBlock(long size, long length, int[] numbers, int[] blocks) {}

    /**
     * Takes some of the file's bytes, of one block or of several. The array is the reader's again
     * when the call returns.
     */
    @FunctionalInterface
    public interface BlockSink {
        void accept(long fileOffset, byte[] data, int offset, int length) throws IOException;
    }

    private static final int READ = 64 * 1024;

    private final BlockMap map;
    private final long fileSize;
    private final CompressType compress;
    private final byte @Nullable [] pass;

    /**
     * @param pass when encrypted
     */
    public BlockReader(BlockMap map, long fileSize, CompressType compress, byte @Nullable [] pass) {
        this.map = map;
        this.fileSize = fileSize;
        this.compress = compress;
        this.pass = pass == null ? null : pass.clone();
    }

    /** Decodes a map as stored: {@code bim} bytes at the end of the file's stored bytes. */
    public static BlockMap readMap(
            byte[] stored, int blockSize, int checksumSize, byte @Nullable [] pass)
            throws IOException {
        byte[] plain = pass == null ? stored : Filters.apply(Filters.decryptor(pass, true), stored);
        return BlockMap.decode(plain, 0, plain.length, blockSize, checksumSize);
    }

    /** All that must be read for the whole file, newest backup first. */
    public List<Range> ranges() {
        Map<Integer, RangesOfReference> references = new TreeMap<>(Comparator.reverseOrder());
        for (int i = 0; i < map.blocks().size(); i++) {
            Block block = map.blocks().get(i);
            references
                    .computeIfAbsent(block.reference(), _ -> new RangesOfReference())
                    .add(i, block);
        }
        return references.values().stream().flatMap(ranges -> ranges.finish().stream()).toList();
    }

    /** Puts together what lies together. */
    private static final class RangesOfReference {
        private final List<Range> ranges = new ArrayList<>();
        private final List<SuperBlock> parts = new ArrayList<>();
        private final List<Integer> numbers = new ArrayList<>();
        private final List<Integer> blocks = new ArrayList<>();
        private long from;
        private @Nullable Block last;

        void add(int index, Block block) {
            Block before = last;
            if (before == null) {
                from = block.offset();
            } else if (block.offset() != before.offset()) {
                endSuperBlock(before);
                if (block.offset() != before.offset() + before.size()) {
                    endRange(before);
                    from = block.offset();
                }
            }
            numbers.add((int) block.number());
            blocks.add(index);
            last = block;
        }

        List<Range> finish() {
            Block before = last;
            if (before != null) {
                endSuperBlock(before);
                endRange(before);
            }
            return ranges;
        }

        private void endSuperBlock(Block block) {
            parts.add(
                    new SuperBlock(
                            block.size(), block.superBlockSize(), ints(numbers), ints(blocks)));
            numbers.clear();
            blocks.clear();
        }

        private void endRange(Block block) {
            ranges.add(
                    new Range(
                            block.reference(),
                            block.bundle(),
                            from,
                            block.offset() + block.size() - from,
                            parts));
            parts.clear();
        }

        private static int[] ints(List<Integer> list) {
            return list.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /**
     * Decodes one range.
     *
     * @param in of exactly {@code range.size()} bytes from {@code range.offset()}
     * @throws IOException also when the super blocks are not as long as the map says
     */
    public void read(Range range, InputStream in, BlockSink out) throws IOException {
        long expected = Math.ceilDiv(fileSize, (long) map.blockSize());
        if (map.blocks().size() != expected) {
            throw new IOException(
                    "block map has %d blocks, a file of %d bytes has %d"
                            .formatted(map.blocks().size(), fileSize, expected));
        }
        List<Filter> filters = new ArrayList<>();
        if (pass != null) {
            filters.add(Filters.decryptor(pass, true));
        }
        if (compress != CompressType.NONE) {
            filters.add(Filters.decompressor(compress, true));
        }
        byte[] buffer = new byte[READ];
        try (Filter filter = Filters.chain(filters)) {
            for (SuperBlock part : range.parts()) {
                Blocks blocks = new Blocks(part, out);
                for (long left = part.size(); left > 0; ) {
                    int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                    if (count < 0) {
                        throw new EOFException(
                                "super block is cut off: %d of %d bytes are missing"
                                        .formatted(left, part.size()));
                    }
                    filter.update(buffer, 0, count, blocks);
                    left -= count;
                }
                filter.finish(blocks);
                blocks.finish();
            }
        }
    }

    /** Cuts a super block into its blocks, of which it gives the wanted ones. */
    private final class Blocks implements Sink {
        private final SuperBlock part;
        private final BlockSink out;

        /** Index of the wanted block that is next, or has begun. */
        private int wanted;

        private long seen;

        /** Bytes that lie together in the array that is being cut, and in the file. */
        private int runFrom;

        private int runLength;
        private long runAt;

        Blocks(SuperBlock part, BlockSink out) {
            this.part = part;
            this.out = out;
        }

        @Override
        public void accept(byte[] data, int offset, int length) throws IOException {
            if (seen + length > part.length()) {
                throw new IOException(
                        "super block is longer than the %d bytes of its map"
                                .formatted(part.length()));
            }
            runLength = 0;
            int end = offset + length;
            for (int position = offset; position < end; ) {
                int within = (int) (seen % map.blockSize());
                int count = Math.min(end - position, map.blockSize() - within);
                cut(data, position, count, within);
                seen += count;
                position += count;
            }
            giveRun(data);
        }

        private void cut(byte[] data, int from, int length, int within) throws IOException {
            int[] numbers = part.numbers();
            long number = seen / map.blockSize();
            while (wanted < numbers.length && numbers[wanted] < number) {
                wanted++;
            }
            if (wanted == numbers.length || numbers[wanted] > number) {
                return;
            }
            long at = (long) part.blocks()[wanted] * map.blockSize() + within;
            if (runLength == 0 || runFrom + runLength != from || runAt + runLength != at) {
                giveRun(data);
                runFrom = from;
                runAt = at;
            }
            runLength += length;
        }

        private void giveRun(byte[] data) throws IOException {
            if (runLength > 0) {
                int length = runLength;
                runLength = 0;
                out.accept(runAt, data, runFrom, length);
            }
        }

        void finish() throws IOException {
            if (seen != part.length()) {
                throw new IOException(
                        "super block has %d bytes, its map says %d".formatted(seen, part.length()));
            }
        }
    }
}
