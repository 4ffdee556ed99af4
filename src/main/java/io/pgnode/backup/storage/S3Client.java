package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Asks a bucket, and asks again where that helps. Safe for use by many threads. */
final class S3Client implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** The slowest line that counts as working. */
    private static final int BYTES_PER_SECOND = 256 * 1024;

    private final S3Settings settings;
    private final S3Signer signer;
    private final S3Address address;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;

    S3Client(S3Settings settings) throws IOException {
        this.settings = settings;
        S3Settings.Bucket bucket = settings.bucket();
        S3Settings.Keys keys = settings.keys();
        this.signer = new S3Signer(keys.id(), keys.secret(), bucket.region(), "s3");
        this.address = S3Address.of(bucket);
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(shorter(CONNECT, settings.times().request()))
                        .executor(threads);
        if (address.isTls()) {
            builder.sslContext(S3Tls.context(settings.tls()));
        }
        this.http = builder.build();
    }

    /** Takes what it needs from an answer that is a success. */
    @FunctionalInterface
    interface Reader<T> {
        /**
         * @throws StorageException to be passed on
         * @throws IOException when the answer is not whole, and the call is to be tried again
         */
        T read(S3Answer answer) throws IOException;
    }

    Retry retry() {
        return new Retry(settings.times().deadline());
    }

    /** For what is only tidy. */
    Retry briefly() {
        return new Retry(shorter(CONNECT, settings.times().deadline()));
    }

    /** Threads for what goes on beside. */
    ExecutorService threads() {
        return threads;
    }

    /** For messages. */
    String name(String key) {
        return "s3://" + settings.bucket().name() + "/" + key;
    }

    <T> T call(S3Request request, Reader<T> reader) throws IOException {
        return call(request, retry(), reader);
    }

    /** As {@link #call}; null when there is no such object. */
    <T> @Nullable T callOrNull(S3Request request, Reader<T> reader) throws IOException {
        try {
            return call(request, reader);
        } catch (StorageException e) {
            if (e.isMissing()) {
                return null;
            }
            throw e;
        }
    }

    /**
     * @param reader closes the answer, when it does not fail
     * @throws StorageException when the store refused, or the time is over
     */
    <T> T call(S3Request request, Retry retry, Reader<T> reader) throws IOException {
        while (true) {
            StorageException failure;
            try {
                return read(once(request, retry), request, reader);
            } catch (TransientException e) {
                failure = e.failure;
            } catch (StorageException | InterruptedIOException e) {
                // A time-out of HTTP is not an interrupted one.
                throw e;
            } catch (IOException e) {
                failure = unreachable(request, e);
                if (isForGood(e)) {
                    throw failure;
                }
            }
            retry.pause(failure);
        }
    }

    /** May be another one in a moment. */
    private static final class TransientException extends IOException {
        private static final long serialVersionUID = 1L;
        private final StorageException failure;

        TransientException(StorageException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private <T> T read(S3Answer answer, S3Request request, Reader<T> reader) throws IOException {
        boolean done = false;
        try {
            if (!answer.isSuccess()) {
                S3Error error =
                        S3Error.of(
                                request.method(),
                                answer.status(),
                                answer.body(),
                                answer.header("x-amz-bucket-region"));
                throw failure(request, error);
            }
            T result = reader.read(answer);
            done = true;
            return result;
        } finally {
            if (!done) {
                answer.close();
            }
        }
    }

    /** What to throw for an error: for {@link #call}, which tries again when that may help. */
    IOException failure(S3Request request, S3Error error) {
        var failure =
                new StorageException(
                        error.kind(),
                        "cannot %s %s: %s%s"
                                .formatted(
                                        request.doing(),
                                        name(request.key()),
                                        error.text(),
                                        error.hint()));
        return error.isTransient() ? new TransientException(failure) : failure;
    }

    private StorageException unreachable(S3Request request, IOException cause) {
        String why =
                switch (cause) {
                    case HttpTimeoutException _ -> "no answer in time";
                    case ConnectException e when e.getCause() instanceof ConnectException real ->
                            why(real);
                    default -> why(cause);
                };
        return new StorageException(
                cause instanceof BadAnswerException ? Kind.DAMAGED : Kind.UNREACHABLE,
                "cannot %s %s at %s: %s%s"
                        .formatted(
                                request.doing(),
                                name(request.key()),
                                address.host(),
                                why,
                                hint(cause)),
                cause);
    }

    private static String why(IOException cause) {
        if (has(cause, UnresolvedAddressException.class)) {
            return "its host name has no address";
        }
        String message = cause.getMessage();
        return message == null ? "connection broke" : message;
    }

    private static String hint(IOException cause) {
        if (has(cause, CertificateException.class)) {
            return "\nHINT: set the CA file, or the endpoint to a name in the certificate";
        }
        return cause instanceof SSLException
                ? "\nHINT: check that the endpoint's port speaks TLS"
                : "";
    }

    /** Whether asking again is of no use. */
    private static boolean isForGood(IOException cause) {
        return has(cause, CertificateException.class);
    }

    private static boolean has(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return true;
            }
        }
        return false;
    }

    private S3Answer once(S3Request request, Retry retry) throws IOException {
        Duration transfer = Duration.ofSeconds(request.length() / BYTES_PER_SECOND);
        Duration patience = shorter(settings.times().request().plus(transfer), retry.left());
        try {
            return new S3Answer(
                    http.send(
                            signed(request).timeout(patience).build(),
                            _ -> new S3Body(settings.times().request())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    private HttpRequest.Builder signed(S3Request request) {
        String hash = Digests.hex(Digests.sha256(request.body(), request.length()));
        var headers = new TreeMap<>(request.headers());
        headers.put("host", address.host());
        headers.put("x-amz-content-sha256", hash);
        headers.put("x-amz-date", S3Signer.stamp(Instant.now()));
        Secret token = settings.keys().token();
        if (token != null) {
            headers.put("x-amz-security-token", token.reveal());
        }
        String path = address.path(request.key());
        String query = UriText.query(request.query());
        String authorization = signer.authorization(request.method(), path, query, headers, hash);

        HttpRequest.Builder builder =
                HttpRequest.newBuilder(address.uri(path, query))
                        .header("authorization", authorization);
        headers.remove("host"); // The client's own.
        headers.forEach(builder::header);
        return builder.method(
                request.method(),
                request.length() == 0
                        ? BodyPublishers.noBody()
                        : BodyPublishers.ofByteArray(request.body(), 0, request.length()));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
