package io.pgnode.feed;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's end of {@code gateway.sock}: gives the calls that arrive to a {@link HoldDesk}, and
 * its answers back, in the order in which they are ready.
 *
 * <p>One thread, which never waits: neither for the desk nor for a client. A hold outlives the
 * connection it was asked on; its own limit ends it.
 */
public final class HoldServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(HoldServer.class);

    /** The agent, its REST API on behalf of other members, and operators. */
    static final int MAX_CLIENTS = 64;

    /** Calls without an answer, and answers not taken, of one client. */
    static final int MAX_CALLS = 64;

    private final SocketFile socket;
    private final HoldDesk desk;
    private final Selector selector;
    private final Thread thread;
    private final HoldCodec codec = new HoldCodec();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Client> clients = new ArrayList<>(); // the thread's own
    private volatile boolean closed;

    private record Answer(Client client, String line) {}

    private static final class Client {
        final SocketChannel channel;
        final SelectionKey key;
        final LineInput input = new LineInput(HoldCodec.MAX_LINE_BYTES);
        final LineOutput output = new LineOutput();
        int unanswered;

        Client(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
        }
    }

    /**
     * Listens at once; a socket left by an earlier gateway is replaced.
     *
     * @param path at most 107 bytes
     */
    public HoldServer(Path path, HoldDesk desk) throws IOException {
        this.desk = desk;
        this.socket = SocketFile.listen(path);
        this.selector = Selector.open();
        socket.channel().register(selector, SelectionKey.OP_ACCEPT);
        this.thread = Thread.ofPlatform().name("holds").daemon(true).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                selector.select(_ -> {});
                accept();
                clients.removeIf(client -> !read(client));
                for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
                    answer.client().unanswered--;
                    answer.client().output.add(LineOutput.bytes(answer.line()));
                }
                clients.removeIf(client -> !write(client));
            } catch (IOException | RuntimeException e) {
                LOG.errorf(e, "a round of the hold server failed");
            }
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = socket.channel().accept();
                channel != null;
                channel = socket.channel().accept()) {
            if (clients.size() >= MAX_CLIENTS) {
                LOG.warnf("hold client refused: clients=%d", clients.size());
                channel.close();
                continue;
            }
            channel.configureBlocking(false);
            clients.add(new Client(channel, channel.register(selector, SelectionKey.OP_READ)));
        }
    }

    /** Whether the client is still there. */
    private boolean read(Client client) {
        try {
            if (client.input.readFrom(client.channel, line -> handle(client, line))
                    && client.unanswered + client.output.size() <= MAX_CALLS) {
                return true;
            }
        } catch (IOException e) {
            LOG.debugf("hold client lost: %s", e.getMessage());
        }
        close(client.channel);
        return false;
    }

    private boolean write(Client client) {
        try {
            boolean done = client.output.flush(client.channel);
            client.key.interestOps(
                    done ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            return true;
        } catch (IOException e) {
            LOG.debugf("hold client lost: %s", e.getMessage());
            close(client.channel);
            return false;
        }
    }

    private void handle(Client client, String line) {
        HoldCodec.Numbered numbered;
        try {
            numbered = codec.decode(line);
        } catch (IOException e) {
            client.output.add(LineOutput.bytes(codec.refusal(0, String.valueOf(e.getMessage()))));
            return;
        }
        long id = numbered.id();
        client.unanswered++;
        perform(numbered.call())
                .whenComplete(
                        (status, failure) -> {
                            answers.add(
                                    new Answer(
                                            client,
                                            failure == null
                                                    ? codec.answer(id, status)
                                                    : codec.refusal(id, message(failure))));
                            selector.wakeup();
                        });
    }

    private CompletableFuture<HoldStatus> perform(HoldCall call) {
        try {
            return switch (call) {
                case HoldCall.Hold(HoldRequest request) -> desk.hold(request);
                case HoldCall.Drained drained -> desk.drained(drained.scope(), drained.limit());
                case HoldCall.Release release -> {
                    desk.release(release.owner(), release.scope());
                    yield CompletableFuture.completedFuture(desk.status(release.scope()));
                }
                case HoldCall.Status(HoldScope scope) ->
                        CompletableFuture.completedFuture(desk.status(scope));
            };
        } catch (RuntimeException e) {
            LOG.errorf(e, "a call of the hold server failed");
            return CompletableFuture.failedFuture(e);
        }
    }

    private static String message(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        @Nullable String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("hold client: %s", e.getMessage());
        }
    }

    /** Ends the listening; holds go on until their limits. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
            clients.forEach(client -> close(client.channel));
            selector.close();
            socket.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debugf("hold server: %s", e.getMessage());
        }
    }
}
