package io.pgnode.backup.codec;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** What a C library allocated; freed once. */
final class NativeContext implements AutoCloseable {
    private static final AtomicInteger OPEN = new AtomicInteger();

    private final AtomicLong address;
    private final LongConsumer free;

    NativeContext(String library, long address, LongConsumer free) {
        if (address == 0) {
            throw new OutOfMemoryError(library + " cannot allocate its state");
        }
        this.address = new AtomicLong(address);
        this.free = free;
        OPEN.incrementAndGet();
    }

    /** How many are open in this process. */
    static int open() {
        return OPEN.get();
    }

    long address() {
        long current = address.get();
        if (current == 0) {
            throw new IllegalStateException("filter is closed");
        }
        return current;
    }

    @Override
    public void close() {
        long last = address.getAndSet(0);
        if (last != 0) {
            OPEN.decrementAndGet();
            free.accept(last);
        }
    }
}
