package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.archive.ArchiverWire.Request;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The archiver's socket, mode 0600: one request a connection, a virtual thread for each. A client
 * that does not say what it wants is disconnected; one that goes away is not waited for.
 */
final class ArchiverServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ArchiverServer.class);

    /** PostgreSQL asks for one file at a time; a restore and a rewind may do so beside it. */
    private static final int MAX_CLIENTS = 32;

    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(5);
    static final Duration SIGN_OF_LIFE = Duration.ofSeconds(1);

    private final Path path;
    private final ServerSocketChannel listener;
    private final @Nullable Object fileKey;
    private final Handler handler;
    private final Semaphore clients = new Semaphore(MAX_CLIENTS);
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("archiver-timer").daemon(true).factory());
    private final Thread thread;

    /** Does what a client wants. */
    @FunctionalInterface
    interface Handler {
        /** The answer, soon or later; never fails. Cancelled when the client is gone. */
        CompletableFuture<Answer> handle(Request request);
    }

    /** Listens; a socket that an earlier process left is replaced. */
    ArchiverServer(Path path, Handler handler) throws IOException {
        this.path = path;
        this.handler = handler;
        Files.deleteIfExists(path);
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            this.fileKey = fileKey(path);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        this.thread = Thread.ofPlatform().name("archiver-socket").daemon(true).unstarted(this::run);
    }

    private static @Nullable Object fileKey(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                if (!clients.tryAcquire()) {
                    LOG.warnf("client refused: clients=%d", MAX_CLIENTS);
                    client.close(); // it does the work itself
                    continue;
                }
                Thread.ofVirtual().name("archiver-client").start(() -> serve(client));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warnf("cannot accept a client: %s", e.getMessage());
                pause();
            }
        }
    }

    /** Out of descriptors, most likely. */
    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(100));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            Request request = receive(client);
            CompletableFuture<Answer> answer = handler.handle(request);
            try {
                Answer end = await(client, answer);
                send(client, end);
                if (end instanceof Answer.Fetched) {
                    awaitEnd(client);
                }
            } finally {
                answer.cancel(true);
                answer.thenAccept(ArchiverServer::removeRest);
            }
        } catch (IOException e) {
            LOG.debugf("client lost: %s", e.getMessage());
        } catch (InterruptedException e) {
            LOG.debug("interrupted");
        } catch (RuntimeException e) {
            LOG.error("a client's request failed", e);
        } finally {
            clients.release();
        }
    }

    private Request receive(SocketChannel client) throws IOException {
        ScheduledFuture<?> limit =
                timer.schedule(
                        () -> close(client), REQUEST_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        try {
            ByteBuffer length = ByteBuffer.allocate(ArchiverWire.LENGTH_BYTES);
            fill(client, length);
            ByteBuffer frame = ByteBuffer.allocate(ArchiverWire.length(length.flip()));
            fill(client, frame);
            return ArchiverWire.request(frame.flip());
        } finally {
            limit.cancel(false);
        }
    }

    /** Until the client has taken what it got. */
    private void awaitEnd(SocketChannel client) throws IOException {
        ScheduledFuture<?> limit =
                timer.schedule(
                        () -> close(client), REQUEST_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        try {
            client.read(ByteBuffer.allocate(1));
        } finally {
            limit.cancel(false);
        }
    }

    /** What the client did not take is of no use to anybody. */
    static void removeRest(Answer answer) {
        if (answer instanceof Answer.Fetched(String file)) {
            try {
                Files.deleteIfExists(Path.of(file));
            } catch (IOException e) {
                LOG.warnf("cannot remove file=%s: %s", file, e.getMessage());
            }
        }
    }

    private static void fill(SocketChannel client, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (client.read(buffer) < 0) {
                throw new EOFException("closed");
            }
        }
    }

    private static Answer await(SocketChannel client, CompletableFuture<Answer> answer)
            throws IOException, InterruptedException {
        while (true) {
            try {
                return answer.get(SIGN_OF_LIFE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                send(client, new Answer.Working());
            } catch (ExecutionException e) {
                LOG.error("a request failed", e);
                return new Answer.Cannot(
                        Objects.requireNonNullElse(e.getMessage(), "unknown failure"));
            }
        }
    }

    private static void send(SocketChannel client, Answer answer) throws IOException {
        ByteBuffer frame = ArchiverWire.encode(answer);
        while (frame.hasRemaining()) {
            client.write(frame);
        }
    }

    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debugf("client not closed: %s", e.getMessage());
        }
    }

    /** Nobody comes any more; whoever is there gets an answer. */
    @Override
    public void close() {
        try {
            listener.close();
            if (Files.exists(path) && Objects.equals(fileKey, fileKey(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.debugf("not closed: socket=%s reason=%s", path, e.getMessage());
        }
    }

    /** Waits until those who were there have their answers. */
    void drain(Duration limit) throws InterruptedException {
        if (!clients.tryAcquire(MAX_CLIENTS, limit.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("some clients of the archiver got no answer");
        }
        timer.shutdownNow();
    }
}
