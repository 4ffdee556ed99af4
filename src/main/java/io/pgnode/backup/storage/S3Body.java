package io.pgnode.backup.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An answer's body as a stream, whose reads wait no longer than they may. */
final class S3Body extends InputStream implements HttpResponse.BodySubscriber<S3Body> {
    /** Buffers of 16 KiB that may wait for the reader. */
    private static final int WINDOW = 32;

    private static final List<ByteBuffer> END = List.of();

    private final Duration patience;

    /** The window bounds it. */
    private final BlockingQueue<List<ByteBuffer>> arrived = new LinkedBlockingQueue<>();

    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    // The reader's.
    private final ArrayDeque<ByteBuffer> current = new ArrayDeque<>();
    private boolean ended;

    S3Body(Duration patience) {
        this.patience = patience;
    }

    @Override
    public CompletionStage<S3Body> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(WINDOW);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        if (!buffers.isEmpty()) {
            arrived.add(buffers);
        }
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
        arrived.add(END);
    }

    @Override
    public void onComplete() {
        arrived.add(END);
    }

    @Override
    public int read() throws IOException {
        ByteBuffer buffer = next();
        return buffer == null ? -1 : buffer.get() & 0xFF;
    }

    @Override
    public int read(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (length == 0) {
            return 0;
        }
        ByteBuffer buffer = next();
        if (buffer == null) {
            return -1;
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(data, offset, count);
        return count;
    }

    /** One with something in it; null at the end. */
    private @Nullable ByteBuffer next() throws IOException {
        while (true) {
            ByteBuffer first = current.peek();
            if (first != null && first.hasRemaining()) {
                return first;
            }
            if (first != null) {
                current.remove();
            } else if (ended) {
                return end();
            } else {
                take();
            }
        }
    }

    private void take() throws IOException {
        List<ByteBuffer> buffers;
        try {
            buffers = arrived.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        if (buffers == null) {
            close();
            throw new HttpTimeoutException("no bytes for " + patience.toSeconds() + " s");
        }
        if (buffers.isEmpty()) {
            ended = true;
            return;
        }
        current.addAll(buffers);
        Flow.Subscription from = subscription;
        if (from != null) {
            from.request(1);
        }
    }

    private @Nullable ByteBuffer end() throws IOException {
        Throwable cause = failure;
        if (cause != null) {
            throw new IOException(
                    Objects.requireNonNullElse(cause.getMessage(), "connection broke"), cause);
        }
        return null;
    }

    /** The connection is lost when there is more to come. */
    @Override
    public void close() {
        closed = true;
        Flow.Subscription from = subscription;
        if (from != null && !ended) {
            from.cancel();
        }
    }
}
