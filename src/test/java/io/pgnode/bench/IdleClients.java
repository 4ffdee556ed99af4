package io.pgnode.bench;

import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Many clients that log in and then do nothing. They come from several addresses, to have ports.
 */
final class IdleClients implements AutoCloseable {
    private static final int SOURCES = 8;
    private static final int AT_ONCE = 16;
    private static final int SETTLE_MILLIS = 3_000;
    private static final double MEGABYTE = 1e6;

    private final Queue<PlainClient> clients = new ConcurrentLinkedQueue<>();

    /** How many a pooler can have with the descriptors that processes get here, of so many. */
    static int possible(int wanted) throws IOException {
        return Math.min(wanted, DescriptorLimit.hard() * 7 / 10);
    }

    /** Megabytes that the process needs for so many clients, above what it needs without. */
    static double megabytes(int port, long pid, int count) throws Exception {
        try (IdleClients some = new IdleClients()) {
            some.open(port, 200); // what is made once is not the clients'
        }
        Waiting.pause(SETTLE_MILLIS);
        OsProcess process = OsProcess.of(pid).orElseThrow();
        long before = process.proportionalMemoryBytes();
        try (IdleClients all = new IdleClients()) {
            all.open(port, count);
            Waiting.pause(SETTLE_MILLIS);
            return (process.proportionalMemoryBytes() - before) / MEGABYTE;
        }
    }

    private void open(int port, int count) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> all =
                    IntStream.range(0, AT_ONCE)
                            .<Future<?>>mapToObj(
                                    part -> threads.submit(() -> openEach(port, part, count)))
                            .toList();
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private @Nullable Void openEach(int port, int first, int count) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocate(4096);
        for (int i = first; i < count; i += AT_ONCE) {
            clients.add(new PlainClient(port, "127.0.0." + (2 + i % SOURCES), scratch));
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        for (PlainClient client : clients) {
            client.close();
        }
    }
}
