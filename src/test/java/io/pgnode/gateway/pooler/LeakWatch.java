package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.pgnode.testing.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Notices buffers that nobody released: by Netty's leak detector at its most suspicious, and by
 * counting what the allocator has given out and not got back.
 */
final class LeakWatch implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Each of two event loops keeps the memory that it reads into. */
    private static final long OF_LOOPS = 2 * 128 * 1024;

    /** Each open server keeps one for requests; no test here has more of them. */
    private static final long OF_SERVERS = 20 * 512;

    private static final Logger REPORTER = Logger.getLogger(ResourceLeakDetector.class.getName());

    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    private final long usedBefore = used();
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final Handler handler = new Collector();

    private final class Collector extends Handler {
        @Override
        public void publish(LogRecord entry) {
            reports.add(String.valueOf(entry.getMessage()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private LeakWatch() {}

    /** To be called while nothing is under way. */
    static LeakWatch start() {
        LeakWatch watch = new LeakWatch();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        REPORTER.addHandler(watch.handler);
        return watch;
    }

    /** Bytes in buffers that are in use now. */
    static long used() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()
                + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
    }

    /** Fails when there is a report, or more memory in use than at the start; awaits that. */
    void check() {
        check(LIMIT);
    }

    void check(Duration limit) {
        Waiting.until(
                limit,
                () -> used() + " bytes of buffers in use, " + usedBefore + " at the start",
                () -> used() <= usedBefore + OF_LOOPS + OF_SERVERS);
        for (int i = 0; i < 3; i++) {
            System.gc();
            Waiting.pause(20);
            // The detector looks when a buffer is made.
            PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        assertThat(reports).isEmpty();
    }

    @Override
    public void close() {
        REPORTER.removeHandler(handler);
        ResourceLeakDetector.setLevel(before);
    }
}
