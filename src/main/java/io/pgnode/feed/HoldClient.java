package io.pgnode.feed;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * The gateway's {@link HoldDesk} from another process, over {@code gateway.sock}.
 *
 * <p>Each call has a connection of its own, on a virtual thread, and ends at its deadline: futures
 * fail with an {@link IOException} that says whether the gateway does not run, does not answer or
 * refused. Nothing is kept between calls, so there is nothing to close.
 */
public final class HoldClient implements HoldDesk {
    private static final Logger LOG = Logger.getLogger(HoldClient.class);

    /** Beyond what the gateway was told to wait for. */
    private static final Duration ANSWER = Duration.ofSeconds(1);

    /** For the gateway to read its files and to open what is new. */
    private static final Duration RELOAD = Duration.ofSeconds(20);

    private static final HoldStatus UNKNOWN = new HoldStatus(false, 0, 0);

    private final Path path;
    private final HoldCodec codec = new HoldCodec();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HoldScope, HoldStatus> known = new EnumMap<>(HoldScope.class);

    /**
     * @param path of the gateway's socket, which need not exist
     */
    public HoldClient(Path path) {
        this.path = path;
    }

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        return call(new HoldCall.Hold(request), request.scope(), ANSWER);
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        return call(new HoldCall.Drained(scope, limit), scope, limit.plus(ANSWER));
    }

    @Override
    public void release(String owner, HoldScope scope) {
        var _ =
                releaseAndAsk(owner, scope)
                        .exceptionally(
                                failure -> {
                                    LOG.debugf("not released: %s", failure.getMessage());
                                    return UNKNOWN;
                                });
    }

    /** Ends the hold of this owner, and tells what holds are left. */
    public CompletableFuture<HoldStatus> releaseAndAsk(String owner, HoldScope scope) {
        return call(new HoldCall.Release(owner, scope), scope, ANSWER);
    }

    /** What the gateway said in place of an answer. */
    public static final class Refused extends IOException {
        private final String why;

        Refused(String why) {
            super("the gateway refused: " + why);
            this.why = why;
        }

        public String why() {
            return why;
        }
    }

    /**
     * The gateway reads its configuration again; the future fails with {@link Refused}, which tells
     * all that is wrong with it.
     */
    public CompletableFuture<HoldStatus> reload() {
        return call(new HoldCall.Reload(), HoldScope.PRIMARY, RELOAD);
    }

    /** How far the holds are by now. */
    public CompletableFuture<HoldStatus> ask(HoldScope scope) {
        return call(new HoldCall.Status(scope), scope, ANSWER);
    }

    /** As the last answer told; {@link #ask} asks. */
    @Override
    public HoldStatus status(HoldScope scope) {
        lock.lock();
        try {
            return known.getOrDefault(scope, UNKNOWN);
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<HoldStatus> call(HoldCall call, HoldScope scope, Duration limit) {
        CompletableFuture<HoldStatus> answer = new CompletableFuture<>();
        SocketChannel channel;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        Thread.startVirtualThread(() -> exchange(channel, call, answer));
        return answer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .handle(
                        (status, failure) -> {
                            close(channel); // ends the thread, if it still waits
                            if (failure == null) {
                                note(scope, status);
                                return CompletableFuture.completedFuture(status);
                            }
                            return CompletableFuture.<HoldStatus>failedFuture(
                                    failure instanceof TimeoutException
                                            ? new IOException(
                                                    "the gateway did not answer within "
                                                            + limit.toMillis()
                                                            + " ms",
                                                    failure)
                                            : failure);
                        })
                .thenCompose(next -> next);
    }

    private void exchange(
            SocketChannel channel, HoldCall call, CompletableFuture<HoldStatus> answer) {
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            answer.completeExceptionally(
                    new IOException("the gateway does not run: " + e.getMessage(), e));
            return;
        }
        try {
            ByteBuffer line = ByteBuffer.wrap(LineOutput.bytes(codec.encode(1, call)));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            LineInput input = new LineInput(HoldCodec.MAX_LINE_BYTES);
            while (!answer.isDone()) {
                if (!input.readFrom(channel, text -> take(text, answer))) {
                    throw new EOFException("the gateway ended the connection");
                }
            }
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
    }

    private void take(String line, CompletableFuture<HoldStatus> answer) {
        try {
            answer.complete(codec.status(line));
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
    }

    private void note(HoldScope scope, HoldStatus status) {
        lock.lock();
        try {
            known.put(scope, status);
        } finally {
            lock.unlock();
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("hold client: %s", e.getMessage());
        }
    }
}
