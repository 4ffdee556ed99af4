package io.pgnode.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.util.function.Consumer;

/**
 * Bytes on their way from one connection to another, in memory of Netty's pool. It is what a {@link
 * ByteBuf} is, made for a path on which a query touches a dozen bytes of each message: an access
 * costs one comparison, which finds what is out of bounds and, because a released chunk has no
 * bytes, what is used too late.
 *
 * <p>Whoever keeps one {@linkplain #retain() retains} it and {@linkplain #release() releases} it
 * later. Confined to one thread.
 */
public final class Chunk {
    private static final int INT = Integer.BYTES;

    /** A smaller part of its memory than one of so many is copied. */
    private static final int COPIED = 4;

    private ByteBuf memory;
    private long address;
    private int capacity;
    private int from;
    private int to;
    private int users = 1;

    /** Somebody may have a slice of the memory. */
    private boolean isShared;

    private Chunk(ByteBuf memory) {
        this.memory = memory;
        this.address = memory.memoryAddress();
        this.capacity = memory.capacity();
        this.from = memory.readerIndex();
        this.to = memory.writerIndex();
    }

    /**
     * An empty one.
     *
     * @param capacity in bytes; it grows when that is not enough
     */
    public static Chunk create(int capacity) {
        return new Chunk(PooledByteBufAllocator.DEFAULT.directBuffer(capacity));
    }

    /** What is readable in a buffer with a memory address, which is taken over. */
    static Chunk of(ByteBuf buffer) {
        return new Chunk(buffer);
    }

    // ---------------------------------------------------------------- its users

    /** For one more user. */
    public Chunk retain() {
        if (users <= 0) {
            throw new IllegalStateException("a chunk was retained after its release");
        }
        users++;
        return this;
    }

    public void release() {
        users--;
        if (users == 0) {
            capacity = 0;
            from = 0;
            to = 0;
            memory.release();
        } else if (users < 0) {
            throw new IllegalStateException("a chunk was released twice");
        }
    }

    /** Whether nobody has it but the caller. */
    public boolean isUnique() {
        return users == 1;
    }

    // ---------------------------------------------------------------- reading

    /** Index of the first byte. */
    public int from() {
        return from;
    }

    /** Index behind the last byte. */
    public int to() {
        return to;
    }

    public int length() {
        return to - from;
    }

    /** How much it may hold before it grows. */
    public int capacity() {
        return capacity;
    }

    /** Of byte zero; never to be kept. */
    long address() {
        return address;
    }

    /**
     * @throws IndexOutOfBoundsException there is no such byte
     */
    public byte at(int index) {
        check(index, index + 1);
        return PlatformDependent.getByte(address + index);
    }

    /** The four bytes that begin there, the highest first. */
    public int intAt(int index) {
        check(index, index + INT);
        int value = PlatformDependent.getInt(address + index);
        return PlatformDependent.BIG_ENDIAN_NATIVE_ORDER ? value : Integer.reverseBytes(value);
    }

    /** Index of the first zero byte in {@code [first, end)}; -1 when there is none. */
    public int zero(int first, int end) {
        check(first, end);
        for (int i = first; i < end; i++) {
            if (PlatformDependent.getByte(address + i) == 0) {
                return i;
            }
        }
        return -1;
    }

    /** Whether {@code [first, end)} are just these bytes. */
    public boolean is(byte[] bytes, int first, int end) {
        check(first, end);
        if (bytes.length != end - first) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (PlatformDependent.getByte(address + first + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Copies {@code [first, end)} to the beginning of {@code target}. */
    public void copyTo(byte[] target, int first, int end) {
        check(first, end);
        if (end - first > target.length) {
            throw new IndexOutOfBoundsException("the target is too short");
        }
        PlatformDependent.copyMemory(address + first, target, 0, end - first);
    }

    /** For whoever reads buffers: the same bytes at the same indexes, as long as it is retained. */
    public ByteBuf bytes() {
        return memory.setIndex(from, to);
    }

    /**
     * {@code [first, end)} for whoever keeps buffers, to be released by him. It stays as it is,
     * whatever becomes of the chunk. Few bytes are copied, so that they do not keep much memory.
     */
    public ByteBuf slice(int first, int end) {
        check(first, end);
        int length = end - first;
        if (length < capacity / COPIED) {
            ByteBuf copy = memory.alloc().directBuffer(length);
            PlatformDependent.copyMemory(address + first, copy.memoryAddress(), length);
            return copy.writerIndex(length);
        }
        isShared = true;
        return memory.retainedSlice(first, length);
    }

    private void check(int first, int end) {
        if (first < 0 || first > end || end > to) {
            throw outside(first, end);
        }
    }

    /** Apart, so that the check itself is small enough to be inlined. */
    private IndexOutOfBoundsException outside(int first, int end) {
        return new IndexOutOfBoundsException(
                "[" + first + ", " + end + ") is not within [0, " + to + ")");
    }

    /**
     * All its memory for whoever writes to buffers, to be released by him. It forgets its bytes.
     */
    ByteBuf lend() {
        clear();
        isShared = true;
        return memory.retain().clear();
    }

    // ---------------------------------------------------------------- writing

    /** Forgets its bytes; its only user may do so. */
    public Chunk clear() {
        from = 0;
        to = 0;
        if (isShared) {
            isShared = false;
            if (memory.refCnt() > 1) {
                move(capacity);
            }
        }
        return this;
    }

    /** Adds {@code [first, end)} of another one. */
    public Chunk add(Chunk other, int first, int end) {
        other.check(first, end);
        int length = end - first;
        makeRoom(length);
        PlatformDependent.copyMemory(other.address + first, address + to, length);
        to += length;
        return this;
    }

    public Chunk add(byte[] bytes) {
        return add(bytes, bytes.length);
    }

    /** Adds the first bytes. */
    public Chunk add(byte[] bytes, int length) {
        if (length < 0 || length > bytes.length) {
            throw new IndexOutOfBoundsException(length + " of " + bytes.length + " bytes");
        }
        makeRoom(length);
        PlatformDependent.copyMemory(bytes, 0, address + to, length);
        to += length;
        return this;
    }

    /** Adds what a writer of buffers writes. */
    public Chunk add(Consumer<ByteBuf> writer) {
        ByteBuf buffer = bytes();
        writer.accept(buffer);
        address = buffer.memoryAddress();
        capacity = buffer.capacity();
        to = buffer.writerIndex();
        return this;
    }

    /** Writes an integer over four bytes, the highest first. */
    public void set(int index, int value) {
        check(index, index + INT);
        PlatformDependent.putInt(
                address + index,
                PlatformDependent.BIG_ENDIAN_NATIVE_ORDER ? value : Integer.reverseBytes(value));
    }

    /** So many bytes were written behind the last one, by its address. */
    void filled(int length) {
        if (length < 0 || length > capacity - to) {
            throw new IndexOutOfBoundsException(length + " bytes do not fit");
        }
        to += length;
    }

    private void makeRoom(int length) {
        if (length > capacity - to) {
            int needed = Math.addExact(to, length);
            move(Math.max(needed, (int) Math.min(2L * capacity, Integer.MAX_VALUE - INT)));
        }
    }

    /** To other memory; who has slices keeps the old one. */
    private void move(int room) {
        ByteBuf larger = memory.alloc().directBuffer(room);
        PlatformDependent.copyMemory(address + from, larger.memoryAddress() + from, to - from);
        memory.release();
        memory = larger;
        address = larger.memoryAddress();
        capacity = larger.capacity();
        isShared = false;
    }
}
