package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.archive.ArchiverWire.Request;
import io.pgnode.backup.archive.ArchiverWire.WireException;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Asks the archiver; one request a connection. An archiver that says nothing for a while is hung:
 * it sends a sign of life each second.
 */
final class ArchiverClient {
    /** Several signs of life, on a machine that is busy. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    private final Path socket;
    private final Duration silence;

    ArchiverClient(Path socket) {
        this(socket, SILENCE);
    }

    /**
     * @param silence after which the archiver counts as hung
     */
    ArchiverClient(Path socket, Duration silence) {
        this.socket = socket;
        this.silence = silence;
    }

    /**
     * The answer that ends it: {@link Answer.Done} or {@link Answer.Cannot}. A file that was asked
     * for is at its destination then.
     *
     * @throws IOException when the archiver is away, hung, or speaks another language
     */
    Answer ask(Request request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
                await(channel, selector, SelectionKey.OP_CONNECT, deadline());
                channel.finishConnect();
            }
            send(channel, selector, ArchiverWire.encode(request));
            while (true) {
                Answer answer = receive(channel, selector);
                switch (answer) {
                    case Answer.Working _ -> {}
                    case Answer.Fetched(String path) -> {
                        return put(path, request);
                    }
                    case Answer.Done _, Answer.Cannot _ -> {
                        return answer;
                    }
                }
            }
        }
    }

    /** Done by whoever asked, so that nothing comes to the destination when it is gone. */
    private static Answer put(String path, Request request) throws IOException {
        if (!(request instanceof Request.Get get)) {
            throw new WireException("the archiver gives a file that nobody asked for");
        }
        Files.move(
                Path.of(path),
                Path.of(get.destination()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        return new Answer.Done(0, "");
    }

    private void send(SocketChannel channel, Selector selector, ByteBuffer frame)
            throws IOException {
        long deadline = deadline();
        while (frame.hasRemaining()) {
            if (channel.write(frame) == 0) {
                await(channel, selector, SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    private Answer receive(SocketChannel channel, Selector selector) throws IOException {
        long deadline = deadline();
        ByteBuffer length = ByteBuffer.allocate(ArchiverWire.LENGTH_BYTES);
        fill(channel, selector, length, deadline);
        ByteBuffer frame = ByteBuffer.allocate(ArchiverWire.length(length.flip()));
        fill(channel, selector, frame, deadline);
        return ArchiverWire.answer(frame.flip());
    }

    private void fill(SocketChannel channel, Selector selector, ByteBuffer buffer, long deadline)
            throws IOException {
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer);
            if (count < 0) {
                throw new EOFException("the archiver closed the connection");
            }
            if (count == 0) {
                await(channel, selector, SelectionKey.OP_READ, deadline);
            }
        }
    }

    private void await(SocketChannel channel, Selector selector, int operation, long deadline)
            throws IOException {
        channel.register(selector, operation);
        selector.selectedKeys().clear();
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0 || selector.select(millis) == 0 && System.nanoTime() - deadline >= 0) {
            throw new IOException("the archiver says nothing for " + silence.toSeconds() + " s");
        }
    }

    private long deadline() {
        return System.nanoTime() + silence.toNanos();
    }
}
