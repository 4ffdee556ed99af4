package io.pgnode.backup.storage;

import static io.pgnode.backup.storage.StorageContract.assertFails;
import static io.pgnode.backup.storage.StorageContract.bytes;
import static io.pgnode.backup.storage.StorageContract.drain;
import static io.pgnode.backup.storage.StorageContract.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.storage.StorageException.Kind;
import io.pgnode.config.Secret;
import io.pgnode.testing.S3Fault;
import io.pgnode.testing.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that refuses, stalls, and breaks off. */
@Timeout(30)
class S3FaultsTest {
    private static final int MIB = 1024 * 1024;
    private static final String OBJECT = "backups/r/o";
    private static final int ALWAYS = Integer.MAX_VALUE;

    private S3Server server;
    private Storage storage;

    @BeforeEach
    void start() throws IOException {
        server = S3Server.start();
        storage = open(server.settings("").bucket(), keys(), Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        storage.close();
        server.close();
    }

    private static S3Settings.Keys keys() {
        return new S3Settings.Keys(S3Server.ACCESS_KEY, new Secret(S3Server.SECRET_KEY));
    }

    private static Storage open(S3Settings.Bucket bucket, S3Settings.Keys keys, Duration deadline)
            throws IOException {
        return Storages.open(
                new StorageSettings.S3(
                        new S3Settings(
                                bucket,
                                "/r",
                                keys,
                                S3Settings.Tls.SYSTEM,
                                new S3Settings.Times(Duration.ofMillis(700), deadline))));
    }

    private Storage impatient() throws IOException {
        return open(server.settings("").bucket(), keys(), Duration.ofMillis(900));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void transientErrorIsTriedAgain(int status) throws IOException {
        var fault = new S3Fault.Refusal(status, "SlowDown");
        server.fail(fault, 1, "PUT");
        server.fail(fault, 2, "GET");
        server.fail(fault, 1, "DELETE");
        server.fail(fault, 1, "POST");

        storage.put("o", bytes("x"));
        assertThat(storage.read("o", 1)).isEqualTo(bytes("x"));
        storage.removeAll(List.of("o", "p"));

        assertThat(server.keys()).isEmpty();
    }

    @Test
    void errorThatStaysIsUnreachableAndNamed() throws IOException {
        server.fail(new S3Fault.Refusal(503, "SlowDown"), ALWAYS, "");

        try (Storage impatient = impatient()) {
            assertFails(
                    Kind.UNREACHABLE, () -> impatient.put("o", bytes("x")), "r/o", "503 SlowDown");
            assertFails(Kind.UNREACHABLE, () -> impatient.read("o", 1), "s3://backups/r/o");
            assertFails(Kind.UNREACHABLE, () -> impatient.info("o"), "r/o", "503");
            assertFails(Kind.UNREACHABLE, () -> impatient.list("d"), "r/d", "503");
        }
    }

    @Test
    void resetIsTriedAgain() throws IOException {
        server.fail(new S3Fault.Reset(), 1, "PUT");
        server.fail(new S3Fault.Reset(), 2, "GET");

        byte[] content = random(3 * MIB);
        storage.put("o", content);

        assertThat(storage.read("o", content.length)).isEqualTo(content);
    }

    @Test
    void refusalIsDeniedAtOnceAndNotMissing() {
        server.fail(new S3Fault.Refusal(403, "AccessDenied"), ALWAYS, "");

        assertFails(Kind.DENIED, () -> storage.put("o", bytes("x")), "r/o", "403 AccessDenied");
        assertFails(Kind.DENIED, () -> storage.read("o", 1), "r/o", "HINT");
        assertFails(Kind.DENIED, () -> storage.info("o"), "r/o");
        assertFails(Kind.DENIED, () -> storage.list(""), "AccessDenied");
        assertFails(Kind.DENIED, () -> storage.remove("o"), "r/o");
        assertFails(Kind.DENIED, () -> storage.removeAll(List.of("o", "p")), "AccessDenied");
        assertFails(Kind.DENIED, () -> storage.putIfAbsent("o", bytes("x")), "AccessDenied");
        assertThat(server.calls()).hasSizeLessThan(15);
    }

    @Test
    void wrongKeysRegionAndBucketAreDenied() throws IOException {
        S3Settings.Bucket bucket = server.settings("").bucket();
        Duration deadline = Duration.ofSeconds(2);
        var wrongSecret = new S3Settings.Keys(S3Server.ACCESS_KEY, new Secret("hush"));
        try (Storage one = open(bucket, wrongSecret, deadline)) {
            assertFails(Kind.DENIED, () -> one.read("o", 1), "SignatureDoesNotMatch", "secret key");
            assertThatThrownBy(() -> one.read("o", 1)).hasMessageNotContaining("hush");
        }
        var wrongId = new S3Settings.Keys("nobody", new Secret("hush"));
        try (Storage one = open(bucket, wrongId, deadline)) {
            assertFails(Kind.DENIED, () -> one.list(""), "InvalidAccessKeyId");
        }
        var elsewhere =
                new S3Settings.Bucket(bucket.endpoint(), "backups", "mars", bucket.uriStyle());
        try (Storage one = open(elsewhere, keys(), deadline)) {
            assertFails(Kind.DENIED, () -> one.list(""), "AuthorizationHeaderMalformed");
        }
        var other =
                new S3Settings.Bucket(
                        bucket.endpoint(), "none", bucket.region(), bucket.uriStyle());
        try (Storage one = open(other, keys(), deadline)) {
            assertFails(Kind.DENIED, () -> one.info("o"), "NoSuchBucket");
            assertFails(Kind.DENIED, () -> one.read("o", 1), "s3://none/r/o", "NoSuchBucket");
            assertFails(Kind.DENIED, () -> one.remove("o"), "NoSuchBucket");
        }
    }

    @Test
    void sessionTokenIsSent() throws IOException {
        server.requireSessionToken("tok/en==");
        var keys =
                new S3Settings.Keys(
                        S3Server.ACCESS_KEY,
                        new Secret(S3Server.SECRET_KEY),
                        new Secret("tok/en=="));

        try (Storage one = open(server.settings("").bucket(), keys, Duration.ofSeconds(2))) {
            one.put("o", bytes("x"));
        }
        assertFails(Kind.DENIED, () -> storage.read("o", 1), "InvalidToken");
        assertThat(server.keys()).containsExactly("r/o");
    }

    @Test
    void notFoundOfAnythingButTheStoreIsNotMissing() throws IOException {
        server.fail(new S3Fault.Page(404, "<html><p>not here</html>"), ALWAYS, "GET");

        assertFails(Kind.UNREACHABLE, () -> storage.read("o", 1), "r/o", "404", "endpoint");
        assertFails(Kind.UNREACHABLE, () -> storage.info("o"), "404");
    }

    @Test
    void silenceIsUnreachableInTime() throws IOException {
        server.fail(new S3Fault.Silence(), ALWAYS, "");

        long start = System.nanoTime();
        try (Storage impatient = impatient()) {
            assertFails(Kind.UNREACHABLE, () -> impatient.read("o", 1), "r/o", "no answer in time");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void silenceOnceIsTriedAgain() throws IOException {
        server.fail(new S3Fault.Silence(), 1, "PUT");

        storage.put("o", bytes("x"));

        assertThat(server.text("r/o")).isEqualTo("x");
    }

    @Test
    void nobodyThereIsUnreachable() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var bucket =
                new S3Settings.Bucket(
                        S3Settings.Bucket.endpoint("http://127.0.0.1", port),
                        "b",
                        "x",
                        S3Settings.UriStyle.PATH);
        try (Storage none = open(bucket, keys(), Duration.ofMillis(500))) {
            assertFails(Kind.UNREACHABLE, () -> none.read("o", 1), "s3://b/r/o", ":" + port);
        }
    }

    @Test
    void cutAnswerGoesOnWhereItBroke() throws IOException {
        byte[] content = random(3 * MIB);
        server.put("r/o", content);
        server.fail(new S3Fault.CutAnswer(MIB), 1, "GET");
        server.fail(new S3Fault.CutAnswer(77_777), 1, "GET");

        try (InputStream in = storage.open("o")) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        server.fail(new S3Fault.CutAnswer(0), 1, "GET");
        server.fail(new S3Fault.CutAnswer(500_000), 1, "GET");
        try (InputStream in = storage.open("o", MIB, MIB)) {
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, MIB, 2 * MIB));
        }
    }

    @Test
    void stuckAnswerGoesOnWhereItStuck() throws IOException {
        byte[] content = random(MIB);
        server.put("r/o", content);
        server.fail(new S3Fault.StuckAnswer(300_000), 1, "GET");

        assertThat(storage.read("o", MIB)).isEqualTo(content);
    }

    @Test
    void answerThatIsAlwaysCutFailsInTime() throws IOException {
        server.put("r/o", random(MIB));
        server.fail(new S3Fault.CutAnswer(0), ALWAYS, "GET");

        try (Storage impatient = impatient()) {
            assertFails(Kind.UNREACHABLE, () -> impatient.read("o", MIB), "r/o");
        }
    }

    @Test
    void objectThatIsReplacedWhileItIsReadIsDamaged() throws IOException {
        server.put("r/o", random(3 * MIB));
        server.fail(new S3Fault.CutAnswer(MIB), 1, "GET");

        try (InputStream in = storage.open("o")) {
            in.readNBytes(10);
            server.put("r/o", random(3 * MIB + 1));

            assertFails(Kind.DAMAGED, () -> in.readNBytes(3 * MIB), "r/o", "replaced");
        }
    }

    @Test
    void rangeThatIsIgnoredIsDamaged() {
        server.put("r/o", random(1000));
        server.fail(new S3Fault.Page(200, "x".repeat(1000)), 1, "GET");

        assertFails(Kind.DAMAGED, () -> drain(storage.open("o", 10, 10)), "r/o", "from 10");
    }

    @Test
    void listThatIsCutIsAskedForAgain() throws IOException {
        server.put("r/a", new byte[1]);
        server.put("r/b", new byte[1]);
        server.fail(new S3Fault.CutAnswer(100), 2, "GET");

        assertThat(storage.list("")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<ListBucketResult>",
                "<html/>",
                "<!DOCTYPE l [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><ListBucketResult>&e;"
                        + "</ListBucketResult>",
                "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
                "<ListBucketResult><Contents><Key>other/x</Key></Contents></ListBucketResult>",
                "<ListBucketResult><Contents><Key>r/x</Key><Size>-</Size></Contents>"
                        + "</ListBucketResult>"
            })
    void listThatIsNoneIsDamaged(String body) throws IOException {
        server.fail(new S3Fault.Page(200, body), ALWAYS, "GET");

        try (Storage impatient = impatient()) {
            assertFails(Kind.DAMAGED, () -> impatient.list(""), "s3://backups");
        }
    }

    @Test
    void listInACircleEnds() {
        server.fail(
                new S3Fault.Page(
                        200,
                        "<ListBucketResult><IsTruncated>true</IsTruncated>"
                                + "<NextContinuationToken>t</NextContinuationToken>"
                                + "</ListBucketResult>"),
                ALWAYS,
                "GET");

        assertFails(Kind.DAMAGED, () -> storage.list(""), "circle");
    }

    @Test
    void partIsSentAgain() throws IOException {
        server.fail(new S3Fault.Refusal(500, "InternalError"), 1, call("POST", "uploads="));
        server.fail(new S3Fault.Reset(), 1, call("PUT", "partNumber=1"));
        server.fail(new S3Fault.LostAnswer(), 1, call("PUT", "partNumber=2"));
        server.fail(new S3Fault.Refusal(503, "SlowDown"), 1, call("POST", "uploadId="));

        writesLarge();
    }

    @Test
    void errorWithStatus200IsAnError() throws IOException {
        server.fail(new S3Fault.ErrorIn200("InternalError"), 2, call("POST", "uploadId="));

        writesLarge();
    }

    @Test
    void errorWithStatus200ThatIsForGoodFails() throws IOException {
        server.fail(new S3Fault.ErrorIn200("AccessDenied"), ALWAYS, call("POST", "uploadId="));
        try (StorageOutput out = storage.create("o", 12 * MIB)) {
            out.write(new byte[12 * MIB], 0, 12 * MIB);

            assertFails(Kind.DENIED, out::commit, "r/o", "200 AccessDenied");
        }
        assertThat(server.keys()).isEmpty();
        assertThat(server.uploads()).isZero();
    }

    @Test
    void blanksBeforeAnAnswerAreNothing() throws IOException {
        server.fail(
                new S3Fault.Page(
                        200,
                        " \n\n  <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                + "<ListBucketResult><IsTruncated>false</IsTruncated>"
                                + "</ListBucketResult>"),
                1,
                "GET");

        assertThat(storage.list("")).isEmpty();
    }

    @Test
    void lostAnswerToTheLastStepIsFoundOut() throws IOException {
        server.fail(new S3Fault.LostAnswer(), 1, call("POST", "uploadId="));

        writesLarge();
    }

    private void writesLarge() throws IOException {
        byte[] content = random(19 * MIB);
        try (StorageOutput out = storage.create("o", content.length)) {
            out.write(content, 0, content.length);
            out.commit();
        }
        assertThat(server.content("r/o")).isEqualTo(content);
        assertThat(server.uploads()).isZero();
    }

    @Test
    void failedPartFailsTheObjectAndLeavesNothing() throws IOException {
        server.fail(new S3Fault.Refusal(403, "QuotaExceeded"), ALWAYS, call("PUT", "partNumber=2"));
        try (StorageOutput out = storage.create("o", 1)) {
            assertFails(
                    Kind.FULL,
                    () -> {
                        out.write(new byte[30 * MIB], 0, 30 * MIB);
                        out.commit();
                    },
                    "r/o",
                    "QuotaExceeded");
        }
        assertThat(server.uploads()).isZero();
        assertThat(server.keys()).isEmpty();
    }

    @Test
    void killedWritersUploadIsRemovedLater() throws IOException {
        server.fail(new S3Fault.Refusal(403, "AccessDenied"), ALWAYS, "DELETE");
        try (StorageOutput out = storage.create("o", 20 * MIB)) {
            out.write(new byte[20 * MIB], 0, 20 * MIB);
        }
        assertThat(server.uploads()).isEqualTo(1);
        server.heal();

        assertThat(storage.removeUnfinished("", Instant.now().plusSeconds(1))).isEqualTo(1);

        assertThat(server.uploads()).isZero();
    }

    @Test
    void storeWithoutBatchesRemovesOneByOne() throws IOException {
        server.refuseBatches();
        storage.put("d/a", bytes("1"));
        storage.put("d/b", bytes("1"));
        storage.put("d/c", bytes("1"));

        storage.removeAll(List.of("d/a", "d/b"));
        storage.removeTree("d");

        assertThat(server.keys()).isEmpty();
        assertThat(server.calls().stream().filter(call -> call.startsWith("POST"))).hasSize(1);
    }

    @Test
    void errorInABatchIsTriedAlone() throws IOException {
        server.put("r/a", new byte[1]);
        server.put("r/b", new byte[1]);
        server.fail(
                new S3Fault.Page(
                        200,
                        "<DeleteResult><Error><Key>r/a</Key><Code>InternalError</Code></Error>"
                                + "<Error><Key>r/b</Key><Code>AccessDenied</Code></Error>"
                                + "</DeleteResult>"),
                1,
                "POST");
        server.fail(new S3Fault.Refusal(403, "AccessDenied"), 1, "DELETE backups/r/b");

        assertFails(Kind.DENIED, () -> storage.removeAll(List.of("a", "b")), "r/b");

        assertThat(server.keys()).containsExactly("r/b");
    }

    @Test
    void lostAnswerToAnExclusivePutIsFoundOut() throws IOException {
        assertThat(storage.putIfAbsent("first", bytes("x"))).isTrue();
        server.fail(new S3Fault.LostAnswer(), 1, "PUT " + OBJECT);

        assertThat(storage.putIfAbsent("o", bytes("mine"))).isTrue();
        assertThat(storage.putIfAbsent("o", bytes("mine"))).isFalse();
        server.fail(new S3Fault.Refusal(409, "ConditionalRequestConflict"), 1, "PUT " + OBJECT);
        assertThat(storage.putIfAbsent("o", bytes("other"))).isFalse();

        assertThat(server.text("r/o")).isEqualTo("mine");
        assertThat(server.keys()).containsExactly("r/first", "r/o");
    }

    @Test
    void storeThatIgnoresTheConditionIsFoundOut() {
        server.ignoreConditions();

        assertFails(
                Kind.OTHER, () -> storage.putIfAbsent("o", bytes("x")), "HINT", "If-None-Match");
        assertThat(server.keys()).isEmpty();
    }

    @Test
    void certificateIsCheckedUnlessSaidOtherwise(@TempDir Path directory) throws Exception {
        try (S3Server tls = S3Server.startTls(directory)) {
            S3Settings.Bucket bucket = tls.settings("").bucket();
            var times = new S3Settings.Times(Duration.ofSeconds(5), Duration.ofSeconds(10));
            var system = new S3Settings(bucket, "r", keys(), S3Settings.Tls.SYSTEM, times);
            var trusting =
                    new S3Settings(
                            bucket,
                            "r",
                            keys(),
                            new S3Settings.Tls(tls.certificate(), true),
                            times);
            var open = new S3Settings(bucket, "r", keys(), S3Settings.Tls.NOT_VERIFIED, times);

            try (Storage one = Storages.open(new StorageSettings.S3(system))) {
                assertFails(Kind.UNREACHABLE, () -> one.read("o", 1), "r/o", "HINT", "CA file");
            }
            try (Storage one = Storages.open(new StorageSettings.S3(trusting))) {
                byte[] content = random(10 * MIB);
                one.put("o", content);
                assertThat(one.read("o", content.length)).isEqualTo(content);
            }
            try (Storage one = Storages.open(new StorageSettings.S3(open))) {
                assertThat(one.list("")).hasSize(1);
            }
            assertThatThrownBy(
                            () -> S3Tls.context(new S3Settings.Tls(Path.of("/no/such.pem"), true)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("/no/such.pem cannot be read");
            Path none = Files.writeString(directory.resolve("none.pem"), "no certificate");
            assertThatThrownBy(
                            () ->
                                    Storages.open(
                                            new StorageSettings.S3(
                                                    new S3Settings(
                                                            bucket,
                                                            "r",
                                                            keys(),
                                                            new S3Settings.Tls(none, true),
                                                            times))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("none.pem");
        }
    }

    private static Predicate<String> call(String method, String parameter) {
        return call -> call.startsWith(method) && call.contains(parameter);
    }
}
