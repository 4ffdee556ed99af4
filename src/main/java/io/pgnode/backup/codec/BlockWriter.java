package io.pgnode.backup.codec;

import io.pgnode.backup.codec.BlockMap.Block;
import io.pgnode.backup.core.CompressType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores a file block incrementally: takes its bytes, gives super blocks of the blocks that are not
 * in the prior map, then the new map.
 */
public final class BlockWriter implements Filter {
    /**
     * @param superBlockSize as {@link BlockSizes#superBlockSize} has it
     * @param reference index of this backup in its manifest's list of references
     * @param bundle where it is stored, zero for a file of its own
     * @param offset where in the bundle it starts
     * @param prior the map of the backup that this one refers to
     * @param pass when encrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record Settings(
            int blockSize,
            int checksumSize,
            int superBlockSize,
            int reference,
            long bundle,
            long offset,
            @Nullable BlockMap prior,
            Compression compression,
            byte @Nullable [] pass) {
        public Settings {
            if (prior != null
                    && (prior.blockSize() != blockSize || prior.checksumSize() != checksumSize)) {
                throw new IllegalArgumentException(
                        "blocks of %d bytes with checksums of %d cannot refer to blocks of %d with %d"
                                .formatted(
                                        blockSize,
                                        checksumSize,
                                        prior.blockSize(),
                                        prior.checksumSize()));
            }
        }
    }

    private final Settings settings;
    private final int superBlockSize;
    private final List<Block> prior;

    /** For one super block after the other. */
    private final Filter filter;

    /** A block that came in pieces. */
    private final byte[] partial;

    private int partialLength;
    private final List<Block> blocks = new ArrayList<>();

    /** Indexes of the blocks in the open super block, whose stored size is not known yet. */
    private final List<Integer> open = new ArrayList<>();

    private long openLength;
    private long openStored;
    private long offset;
    private boolean wrote;
    private long mapSize;

    public BlockWriter(Settings settings) {
        this.settings = settings;
        this.superBlockSize =
                Math.ceilDiv(settings.superBlockSize, settings.blockSize) * settings.blockSize;
        this.prior = settings.prior == null ? List.of() : settings.prior.blocks();
        this.partial = new byte[settings.blockSize];
        this.offset = settings.offset;
        List<Filter> filters = new ArrayList<>();
        if (settings.compression.type() != CompressType.NONE) {
            filters.add(settings.compression.compressor(true));
        }
        if (settings.pass != null) {
            filters.add(Filters.encryptor(settings.pass, true));
        }
        this.filter = Filters.chain(filters);
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        int position = offset;
        int end = offset + length;
        if (partialLength > 0) {
            position += keep(data, position, Math.min(partial.length - partialLength, length));
            if (partialLength < partial.length) {
                return;
            }
            partialLength = 0;
            block(partial, 0, partial.length, out);
        }
        for (; end - position >= partial.length; position += partial.length) {
            block(data, position, partial.length, out);
        }
        keep(data, position, end - position);
    }

    private int keep(byte[] data, int offset, int length) {
        System.arraycopy(data, offset, partial, partialLength, length);
        partialLength += length;
        return length;
    }

    private void block(byte[] data, int from, int length, Sink out) throws IOException {
        byte[] checksum = new byte[settings.checksumSize];
        Xxh3.hash128(data, from, length, checksum, 0, checksum.length);
        int index = blocks.size();
        if (index < prior.size() && Arrays.equals(prior.get(index).checksum(), checksum)) {
            blocks.add(prior.get(index));
            return;
        }
        blocks.add(
                new Block(
                        settings.reference, 0, settings.bundle, offset, 0, open.size(), checksum));
        open.add(index);
        filter.update(data, from, length, (bytes, start, count) -> store(bytes, start, count, out));
        openLength += length;
        if (openLength >= superBlockSize) {
            closeSuperBlock(out);
        }
    }

    private void store(byte[] data, int from, int length, Sink out) throws IOException {
        openStored += length;
        out.accept(data, from, length);
    }

    private void closeSuperBlock(Sink out) throws IOException {
        filter.finish((bytes, start, count) -> store(bytes, start, count, out));
        for (int index : open) {
            Block block = blocks.get(index);
            blocks.set(
                    index,
                    new Block(
                            block.reference(),
                            openLength,
                            block.bundle(),
                            block.offset(),
                            openStored,
                            block.number(),
                            block.checksum()));
        }
        offset += openStored;
        open.clear();
        openLength = 0;
        openStored = 0;
        wrote = true;
    }

    @Override
    public void finish(Sink out) throws IOException {
        if (partialLength > 0) {
            block(partial, 0, partialLength, out);
        }
        if (!open.isEmpty()) {
            closeSuperBlock(out);
        }
        if (wrote || blocks.size() < prior.size() && !blocks.isEmpty()) {
            byte[] map = map().encode();
            if (settings.pass != null) {
                map = Filters.apply(Filters.encryptor(settings.pass, true), map);
            }
            out.accept(map, 0, map.length);
            mapSize = map.length;
        }
    }

    /**
     * Bytes of the map as stored at the end; zero when the file is the same as before (or empty):
     * then nothing at all was stored, and the manifest refers to the prior backup.
     */
    public long mapSize() {
        return mapSize;
    }

    /** After {@link #finish}. */
    public BlockMap map() {
        return new BlockMap(settings.blockSize, settings.checksumSize, blocks);
    }

    @Override
    public void close() {
        filter.close();
    }
}
