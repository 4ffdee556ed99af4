package io.pgnode.gateway.pooler;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A client that sends any bytes in any pieces, and tells apart what it gets. */
final class WireClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private long cancelKey;

    WireClient(int port) throws IOException {
        socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** Where nothing has to be proved. */
    static WireClient login(int port, String... parameters) throws IOException {
        WireClient client = new WireClient(port);
        try {
            List<String> all = new ArrayList<>(List.of("user", "somebody", "database", "postgres"));
            all.addAll(Arrays.asList(parameters));
            client.send(Wire.startup(all.toArray(String[]::new)));
            var _ = client.untilReady();
            return client;
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    /** The server or the pooler said no. */
    static final class Refused extends IOException {
        private final String sqlState;
        private final String severity;

        Refused(String severity, String sqlState, String message) {
            super(severity + " " + sqlState + ": " + message);
            this.severity = severity;
            this.sqlState = sqlState;
        }

        String sqlState() {
            return sqlState;
        }

        boolean isFatal() {
            return severity.equals("FATAL") || severity.equals("PANIC");
        }
    }

    /**
     * What came up to a ReadyForQuery.
     *
     * @param tags of all messages
     * @param commands completed ones
     * @param values the first column of each row
     */
    record Reply(String tags, List<String> commands, List<String> values, char status) {
        String value() {
            return values.getFirst();
        }
    }

    long cancelKey() {
        return cancelKey;
    }

    void send(byte[]... messages) throws IOException {
        socket.getOutputStream().write(Wire.concat(messages));
    }

    /** In up to {@code pieces} packets that may arrive one by one. */
    void sendInPieces(Random random, int pieces, byte[]... messages) throws IOException {
        byte[] all = Wire.concat(messages);
        int at = 0;
        for (int i = 1; i < pieces && at < all.length; i++) {
            int now = random.nextInt(all.length - at + 1);
            socket.getOutputStream().write(all, at, now);
            at += now;
            Thread.yield();
        }
        socket.getOutputStream().write(all, at, all.length - at);
    }

    /** A message: its tag and its body. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Message(char tag, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        Refused refused() {
            String severity = "";
            String state = "";
            String message = "";
            for (String field : text().split("\0", -1)) {
                if (field.startsWith("S")) {
                    severity = field.substring(1);
                } else if (field.startsWith("C")) {
                    state = field.substring(1);
                } else if (field.startsWith("M")) {
                    message = field.substring(1);
                }
            }
            return new Refused(severity, state, message);
        }
    }

    int readByte() throws IOException {
        return in.read();
    }

    Message read() throws IOException {
        char tag = (char) in.readUnsignedByte();
        int length = in.readInt();
        if (length < 4 || length > 100_000_000) {
            throw new IOException("'" + tag + "' of length " + length + ": out of step");
        }
        byte[] body = new byte[length - 4];
        in.readFully(body);
        return new Message(tag, body);
    }

    /** The next message of this kind; others before it are an error of the test. */
    Message expect(char tag) throws IOException {
        Message message = read();
        if (message.tag() != tag) {
            throw message.tag() == 'E'
                    ? message.refused()
                    : new IOException("'" + message.tag() + "' instead of '" + tag + "'");
        }
        return message;
    }

    /**
     * Everything up to ReadyForQuery.
     *
     * @throws Refused for the first error among it, after ReadyForQuery unless it is fatal
     */
    Reply untilReady() throws IOException {
        StringBuilder tags = new StringBuilder();
        List<String> commands = new ArrayList<>();
        List<String> values = new ArrayList<>();
        Refused error = null;
        while (true) {
            Message message = read();
            tags.append(message.tag());
            switch (message.tag()) {
                case 'E' -> {
                    error = error == null ? message.refused() : error;
                    if (message.refused().isFatal()) {
                        throw error;
                    }
                }
                case 'C' -> commands.add(message.text().replace("\0", ""));
                case 'D' -> values.add(firstColumn(message.body()));
                case 'K' -> cancelKey = ByteBuffer.wrap(message.body()).getLong();
                case 'Z' -> {
                    if (error != null) {
                        throw error;
                    }
                    return new Reply(tags.toString(), commands, values, (char) message.body()[0]);
                }
                default -> {}
            }
        }
    }

    private static String firstColumn(byte[] row) {
        ByteBuffer buffer = ByteBuffer.wrap(row);
        if (buffer.getShort() == 0) {
            return "";
        }
        int length = buffer.getInt();
        return length < 0 ? "" : new String(row, 6, length, StandardCharsets.UTF_8);
    }

    /** Everything up to ReadyForQuery, which must be without an error. */
    void skipAnswer() throws IOException {
        int tag;
        do {
            tag = in.readByte();
            if (tag == 'E') {
                throw new IOException("an error");
            }
            in.skipNBytes(in.readInt() - 4L);
        } while (tag != 'Z');
    }

    Reply query(String sql) throws IOException {
        send(Wire.query(sql));
        return untilReady();
    }

    /** What comes until the other side closes, and whether it did. */
    String untilEnd() throws IOException {
        StringBuilder all = new StringBuilder();
        byte[] some = new byte[8192];
        try {
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                all.append(new String(some, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (EOFException | SocketException _) {
            // A reset is an end, too.
        }
        return all.toString();
    }

    /** Asks to cancel what another connection does, and waits until that is done. */
    static void cancel(int port, long key) throws IOException {
        try (WireClient client = new WireClient(port)) {
            client.send(Wire.cancel(key));
            var _ = client.untilEnd();
        }
    }

    /** Closes with a RST instead of a FIN. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
