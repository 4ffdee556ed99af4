package io.pgnode.bench;

import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Many clients that log in and then do nothing. They come from several addresses, to have ports.
 */
final class IdleClients implements AutoCloseable {
    private static final int SOURCES = 8;
    private static final int AT_ONCE = 16;
    private static final int SETTLE_MILLIS = 3_000;
    private static final double MEGABYTE = 1e6;

    private final Queue<SocketChannel> clients = new ConcurrentLinkedQueue<>();

    /** How many a pooler can have with the descriptors that processes get here, of so many. */
    static int possible(int wanted) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String hard = line.substring("Max open files".length()).strip().split(" +", -1)[1];
                return hard.matches("[0-9]{1,9}")
                        ? Math.min(wanted, Integer.parseInt(hard) * 7 / 10)
                        : wanted;
            }
        }
        return wanted;
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
        byte[] startup = startup();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> all =
                    IntStream.range(0, AT_ONCE)
                            .<Future<?>>mapToObj(
                                    part ->
                                            threads.submit(
                                                    () -> {
                                                        for (int i = part;
                                                                i < count;
                                                                i += AT_ONCE) {
                                                            clients.add(login(port, i, startup));
                                                        }
                                                        return null;
                                                    }))
                            .toList();
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private static SocketChannel login(int port, int number, byte[] startup) throws IOException {
        SocketChannel client = SocketChannel.open();
        client.bind(
                new InetSocketAddress(
                        InetAddress.ofLiteral("127.0.0." + (2 + number % SOURCES)), 0));
        client.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        client.write(ByteBuffer.wrap(startup));
        ByteBuffer answer = ByteBuffer.allocate(4096);
        while (!isReady(answer)) {
            if (client.read(answer) < 0) {
                throw new IOException(
                        "client "
                                + number
                                + " was refused: "
                                + new String(
                                        answer.array(),
                                        0,
                                        answer.position(),
                                        StandardCharsets.ISO_8859_1));
            }
        }
        return client;
    }

    /** ReadyForQuery is the last thing. */
    private static boolean isReady(ByteBuffer answer) {
        int end = answer.position();
        return end >= 6 && answer.get(end - 6) == 'Z' && answer.getInt(end - 5) == 5;
    }

    private static byte[] startup() {
        byte[] text =
                "user\0postgres\0database\0postgres\0application_name\0idle\0\0"
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(8 + text.length)
                .putInt(8 + text.length)
                .putInt(3 << 16)
                .put(text)
                .array();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
