package io.pgnode.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.pgnode.backup.storage.S3Settings;
import io.pgnode.config.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A strict S3 server on 127.0.0.1, in memory: it checks each request's signature and hashes, the
 * rules of parts, and knows path style and host style. It fails as it is told.
 *
 * <p>One bucket, {@link #BUCKET}, is there from the start.
 */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "backups";
    public static final String REGION = "eu-test-1";
    public static final String ACCESS_KEY = "AKIDPGNODE";
    public static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+secret";

    /** A connection's name that a certificate of {@link #startTls} is for. */
    public static final String HOST = "localhost";

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer http;
    private final @Nullable Path certificate;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, S3Bucket> buckets = new ConcurrentHashMap<>();
    private final List<Planned> faults = new ArrayList<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable String sessionToken;

    /** A fault for the next so many calls that match. */
    private static final class Planned {
        final Predicate<String> calls;
        final S3Fault fault;
        int left;

        Planned(Predicate<String> calls, S3Fault fault, int left) {
            this.calls = calls;
            this.fault = fault;
            this.left = left;
        }
    }

    /** Begins to serve HTTP. */
    public static S3Server start() throws IOException {
        return new S3Server(HttpServer.create(anyPort(), 0), null);
    }

    /**
     * Begins to serve HTTPS, for {@code localhost} and 127.0.0.1.
     *
     * @param directory gets the key and the certificate
     */
    public static S3Server startTls(Path directory) throws IOException {
        Path key = directory.resolve("s3.key");
        Path certificate = directory.resolve("s3.crt");
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        HttpsServer https = HttpsServer.create(anyPort(), 0);
        try {
            https.setHttpsConfigurator(new HttpsConfigurator(context(key, certificate)));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        return new S3Server(https, certificate);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static SSLContext context(Path keyFile, Path certificateFile)
            throws GeneralSecurityException, IOException {
        String pem = Files.readString(keyFile).replaceAll("-----[^-]+-----|\\s", "");
        PrivateKey key =
                KeyFactory.getInstance("EC")
                        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        Certificate certificate =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(Files.readAllBytes(certificateFile)));
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry("s3", key, new char[0], new Certificate[] {certificate});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private S3Server(HttpServer http, @Nullable Path certificate) {
        this.http = http;
        this.certificate = certificate;
        buckets.put(BUCKET, new S3Bucket(BUCKET));
        http.setExecutor(threads);
        http.createContext("/", this::serve);
        http.start();
    }

    public int port() {
        return http.getAddress().getPort();
    }

    /** Such as {@code https://localhost:43210}. */
    public String endpoint() {
        return (certificate == null ? "http://" : "https://") + HOST + ":" + port();
    }

    /** The server's certificate, which has signed itself; of {@link #startTls} only. */
    public Path certificate() {
        if (certificate == null) {
            throw new IllegalStateException("speaks HTTP");
        }
        return certificate;
    }

    /** What our own storage needs to know, with short times. */
    public S3Settings settings(String path) {
        return settings(path, new S3Settings.Times(Duration.ofSeconds(5), Duration.ofSeconds(20)));
    }

    /** As {@link #settings(String)}, with other times. */
    public S3Settings settings(String path, S3Settings.Times times) {
        return new S3Settings(
                new S3Settings.Bucket(
                        S3Settings.Bucket.endpoint(endpoint(), 0),
                        BUCKET,
                        REGION,
                        S3Settings.UriStyle.PATH),
                path,
                new S3Settings.Keys(ACCESS_KEY, new Secret(SECRET_KEY)),
                certificate == null ? S3Settings.Tls.SYSTEM : new S3Settings.Tls(certificate, true),
                times);
    }

    /** What pgBackRest needs to know, in its configuration's words. */
    public Map<String, String> pgBackRestOptions(int repository, String path) {
        String prefix = "repo" + repository + "-";
        return Map.of(
                prefix + "type", "s3",
                prefix + "path", path,
                prefix + "s3-bucket", BUCKET,
                prefix + "s3-region", REGION,
                prefix + "s3-endpoint", HOST,
                prefix + "storage-port", Integer.toString(port()),
                prefix + "s3-uri-style", "path",
                prefix + "s3-key", ACCESS_KEY,
                prefix + "s3-key-secret", SECRET_KEY,
                prefix + "storage-verify-tls", "n");
    }

    /** Keys of the bucket's objects, sorted as S3 does. */
    public List<String> keys() {
        return bucket().keys();
    }

    /** An object's bytes; null when there is none. */
    public byte @Nullable [] content(String key) {
        return bucket().content(key);
    }

    /** Puts an object there, as another client may do. */
    public void put(String key, byte[] content) {
        bucket().put(key, content);
    }

    /** Uploads in parts that are not ended. */
    public int uploads() {
        return bucket().uploads();
    }

    /** Lists at most so many in an answer. */
    public void pageSize(int most) {
        bucket().pageSize(most);
    }

    /** Refuses to remove many objects at once, as some stores do. */
    public void refuseBatches() {
        bucket().knowsBatches(false);
    }

    /** Writes whatever If-None-Match says, as some stores do. */
    public void ignoreConditions() {
        bucket().knowsConditions(false);
    }

    /** Wants this token from now on. */
    public void requireSessionToken(String token) {
        sessionToken = token;
    }

    /** The calls so far, such as {@code GET backups/a/b} or {@code GET backups/?{prefix=a}}. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /**
     * Plans a fault; the first planned one that matches comes true.
     *
     * @param times for so many calls
     * @param which of {@link #calls}
     */
    public void fail(S3Fault fault, int times, Predicate<String> which) {
        synchronized (faults) {
            faults.add(new Planned(which, fault, times));
        }
    }

    /** As {@link #fail(S3Fault, int, Predicate)}, for calls that begin so. */
    public void fail(S3Fault fault, int times, String beginning) {
        fail(fault, times, call -> call.startsWith(beginning));
    }

    /** Forgets what is planned. */
    public void heal() {
        synchronized (faults) {
            faults.clear();
        }
    }

    private @Nullable S3Fault fault(String call) {
        synchronized (faults) {
            for (Planned one : faults) {
                if (one.left > 0 && one.calls.test(call)) {
                    one.left--;
                    return one.fault;
                }
            }
            return null;
        }
    }

    private S3Bucket bucket() {
        return Objects.requireNonNull(buckets.get(BUCKET));
    }

    @SuppressWarnings("EmptyCatch")
    private void serve(HttpExchange exchange) {
        try (exchange) {
            S3Call head = call(exchange, new byte[0]);
            calls.add(head.text());
            S3Fault fault = fault(head.text());
            if (fault instanceof S3Fault.Reset) {
                return;
            }
            byte[] body = exchange.getRequestBody().readAllBytes();
            serve(exchange, call(exchange, body), fault);
        } catch (IOException e) {
            // The client has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(HttpExchange exchange, S3Call call, @Nullable S3Fault fault)
            throws IOException, InterruptedException {
        switch (fault) {
            case null -> send(exchange, call, answer(exchange, call), Integer.MAX_VALUE, false);
            case S3Fault.Refusal refusal -> {
                var error = new S3Refusal(refusal.status(), refusal.code(), "as planned");
                S3Reply reply = S3Reply.xml(refusal.status(), error.body());
                send(exchange, call, reply, Integer.MAX_VALUE, false);
            }
            case S3Fault.Page page ->
                    send(
                            exchange,
                            call,
                            S3Reply.xml(page.status(), page.body()),
                            Integer.MAX_VALUE,
                            false);
            case S3Fault.Silence _ -> closed.await();
            case S3Fault.Reset _ -> {
                // Never answered.
            }
            case S3Fault.LostAnswer _ -> {
                S3Reply _ = answer(exchange, call);
            }
            case S3Fault.CutAnswer cut ->
                    send(exchange, call, answer(exchange, call), cut.bytes(), false);
            case S3Fault.StuckAnswer stuck ->
                    send(exchange, call, answer(exchange, call), stuck.bytes(), true);
            case S3Fault.ErrorIn200 error -> {
                var refusal = new S3Refusal(200, error.code(), "as planned");
                send(exchange, call, S3Reply.xml(200, refusal.body()), Integer.MAX_VALUE, false);
            }
        }
    }

    private static S3Call call(HttpExchange exchange, byte[] body) {
        var headers = new HashMap<String, String>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name, String.join(",", values)));
        return S3Call.of(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestURI().getRawQuery(),
                headers,
                body);
    }

    private S3Reply answer(HttpExchange exchange, S3Call signed) {
        try {
            if (List.of("PUT", "POST").contains(signed.method())
                    && signed.header("content-length") == null) {
                throw new S3Refusal(411, "MissingContentLength", "no length");
            }
            new S3SignatureCheck(REGION, ACCESS_KEY, SECRET_KEY, sessionToken).check(signed);
            S3Call call = inPathStyle(signed);
            S3Bucket bucket = buckets.get(call.bucket());
            if (bucket == null) {
                throw new S3Refusal(404, "NoSuchBucket", "The bucket does not exist");
            }
            return bucket.answer(call);
        } catch (S3Refusal e) {
            return S3Reply.xml(e.status, e.body());
        }
    }

    private static S3Call inPathStyle(S3Call call) {
        String host = String.valueOf(call.header("host"));
        int end = (host + ":").indexOf("." + HOST + ":");
        return end < 0
                ? call
                : new S3Call(
                        call.method(),
                        host.substring(0, end) + "/" + call.path(),
                        call.query(),
                        call.headers(),
                        call.body());
    }

    private void send(HttpExchange exchange, S3Call call, S3Reply reply, int most, boolean thenWait)
            throws IOException, InterruptedException {
        reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.getResponseHeaders().set("x-amz-request-id", "4442587FB7D0A2F9");
        if (call.method().equals("HEAD")) {
            exchange.getResponseHeaders()
                    .set("Content-Length", Integer.toString(reply.body().length));
            exchange.sendResponseHeaders(reply.status(), -1);
            return;
        }
        boolean empty = reply.body().length == 0;
        exchange.sendResponseHeaders(reply.status(), empty ? -1 : reply.body().length);
        if (!empty) {
            OutputStream out = exchange.getResponseBody();
            out.write(reply.body(), 0, Math.min(most, reply.body().length));
            out.flush();
            if (thenWait) {
                closed.await();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        http.stop(0);
        threads.shutdownNow();
    }

    /** The text of an object. */
    public String text(String key) {
        byte[] content = content(key);
        return content == null ? "" : new String(content, StandardCharsets.UTF_8);
    }
}
