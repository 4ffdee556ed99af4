package io.pgnode.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A client that costs next to nothing: it logs in where nothing has to be proved, asks, and throws
 * the answer away as it comes. Keeps no buffer of its own. Not for several threads.
 */
final class PlainClient implements AutoCloseable {
    private static final int PROTOCOL = 3 << 16;
    private static final int HEADER = 5;
    private static final int READY = 'Z';
    private static final int ERROR = 'E';

    private final SocketChannel channel;
    private long passing;

    /**
     * @param from address of ours, for those who need more ports than one address has
     * @param scratch at least 4 kB
     */
    PlainClient(int port, String from, ByteBuffer scratch) throws IOException {
        channel = SocketChannel.open();
        boolean isIn = false;
        try {
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
            channel.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            channel.write(startup());
            var _ = skipAnswer(scratch);
            isIn = true;
        } finally {
            if (!isIn) {
                channel.close();
            }
        }
    }

    private static ByteBuffer startup() {
        byte[] text =
                "user\0postgres\0database\0postgres\0application_name\0bench\0\0"
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(8 + text.length)
                .putInt(8 + text.length)
                .putInt(PROTOCOL)
                .put(text)
                .flip();
    }

    /** Returns the number of bytes of the answer. */
    long ask(String sql, ByteBuffer scratch) throws IOException {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        channel.write(
                ByteBuffer.allocate(HEADER + text.length + 1)
                        .put((byte) 'Q')
                        .putInt(4 + text.length + 1)
                        .put(text)
                        .put((byte) 0)
                        .flip());
        return skipAnswer(scratch);
    }

    /** Up to ReadyForQuery. */
    private long skipAnswer(ByteBuffer in) throws IOException {
        in.clear();
        passing = 0;
        long all = 0;
        boolean isReady = false;
        while (!isReady) {
            int now = channel.read(in);
            if (now < 0) {
                throw new IOException("closed in the middle of an answer");
            }
            all += now;
            in.flip();
            isReady = skipMessages(in);
            in.compact();
        }
        return all;
    }

    /** True when ReadyForQuery was among them; what is left has no whole header. */
    private boolean skipMessages(ByteBuffer in) throws IOException {
        boolean isReady = false;
        while (in.hasRemaining() && (passing > 0 || in.remaining() >= HEADER)) {
            if (passing == 0) {
                int tag = in.get(in.position());
                if (tag == ERROR) {
                    throw new IOException(StandardCharsets.ISO_8859_1.decode(in).toString());
                }
                isReady = tag == READY;
                passing = 1L + in.getInt(in.position() + 1);
            }
            int skipped = (int) Math.min(passing, in.remaining());
            in.position(in.position() + skipped);
            passing -= skipped;
        }
        return isReady;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
