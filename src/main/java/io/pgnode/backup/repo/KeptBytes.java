package io.pgnode.backup.repo;

import io.pgnode.backup.storage.StorageOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Bytes that wait for a name, in blocks that the next ones use again: large arrays of a short life
 * are what a collector likes least. One thread's.
 */
final class KeptBytes implements AutoCloseable {
    private static final int BLOCK = 1 << 18;

    /** What a few workers have at hand when nothing is kept: 16 MiB at most. */
    static final class Pool {
        private static final int MAX_BLOCKS = 64;

        private final ConcurrentLinkedQueue<byte[]> free = new ConcurrentLinkedQueue<>();

        private byte[] take() {
            byte[] block = free.poll();
            return block == null ? new byte[BLOCK] : block;
        }

        private void give(List<byte[]> blocks) {
            int room = MAX_BLOCKS - free.size();
            free.addAll(blocks.subList(0, Math.clamp(room, 0, blocks.size())));
        }
    }

    private final Pool pool;
    private final List<byte[]> blocks = new ArrayList<>();
    private int used = BLOCK; // of the last block

    KeptBytes(Pool pool) {
        this.pool = pool;
    }

    void write(byte[] data, int offset, int length) {
        int from = offset;
        int end = offset + length;
        while (from < end) {
            if (used == BLOCK) {
                blocks.add(pool.take());
                used = 0;
            }
            int count = Math.min(end - from, BLOCK - used);
            System.arraycopy(data, from, blocks.getLast(), used, count);
            used += count;
            from += count;
        }
    }

    long size() {
        return blocks.isEmpty() ? 0 : (long) (blocks.size() - 1) * BLOCK + used;
    }

    void writeTo(StorageOutput out) throws IOException {
        for (int i = 0; i < blocks.size(); i++) {
            out.write(blocks.get(i), 0, i == blocks.size() - 1 ? used : BLOCK);
        }
    }

    @Override
    public void close() {
        pool.give(blocks);
        blocks.clear();
        used = BLOCK;
    }
}
