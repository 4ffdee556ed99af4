package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.archive.ArchiverWire.Request;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiverServerTest {
    private static final Request PUSH = new Request.Push("/data/pg_wal/000000010000000000000001");

    @TempDir Path run;

    private Path socket() {
        return run.resolve("archiver.sock");
    }

    private ArchiverServer serve(ArchiverServer.Handler handler) throws IOException {
        ArchiverServer server = new ArchiverServer(socket(), handler);
        server.start();
        return server;
    }

    private static CompletableFuture<Answer> now(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private Answer ask(Request request) throws IOException {
        return new ArchiverClient(socket(), Duration.ofSeconds(2)).ask(request);
    }

    @Test
    void answers() throws IOException {
        try (var _ = serve(request -> now(new Answer.Done(45, String.valueOf(request))))) {
            assertThat(ask(PUSH)).isEqualTo(new Answer.Done(45, PUSH.toString()));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-------");
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void longWorkIsToldFromAHungProcess() throws Exception {
        CompletableFuture<Answer> slow = new CompletableFuture<>();
        slow.completeOnTimeout(new Answer.Done(0, ""), 3, TimeUnit.SECONDS);
        try (var _ = serve(_ -> slow)) {
            assertThat(ask(PUSH)).isEqualTo(new Answer.Done(0, ""));
        }
        try (ServerSocketChannel hung = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hung.bind(UnixDomainSocketAddress.of(socket()));
            assertThatThrownBy(() -> ask(PUSH)).hasMessageContaining("says nothing for 2 s");
        }
    }

    @Test
    void aFileIsPutByWhoeverAsked() throws Exception {
        Path file = Files.writeString(run.resolve("out-1"), "wal");
        Request get = new Request.Get("000000010000000000000001", run.resolve("X").toString());
        try (var _ = serve(_ -> now(new Answer.Fetched(file.toString())))) {
            assertThat(ask(get)).isEqualTo(new Answer.Done(0, ""));
        }
        assertThat(run.resolve("X")).hasContent("wal");
    }

    @Test
    void whatNobodyTakesIsRemoved() throws Exception {
        Path file = Files.writeString(run.resolve("out-1"), "wal");
        CompletableFuture<Answer> later = new CompletableFuture<>();
        try (var _ = serve(_ -> later)) {
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                client.write(
                        ArchiverWire.encode(
                                new Request.Get("00000002.history", run.resolve("X").toString())));
            }
            later.complete(new Answer.Fetched(file.toString()));
            await().until(() -> !Files.exists(file));
        }
        assertThat(run.resolve("X")).doesNotExist();
    }

    @Test
    void workIsCancelledWhenNobodyWaits() throws Exception {
        CompletableFuture<Answer> never = new CompletableFuture<>();
        try (var _ = serve(_ -> never)) {
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                client.write(ArchiverWire.encode(PUSH));
            }
            await().until(never::isCancelled);
        }
    }

    @Test
    void nonsenseIsRefusedAndOthersAreServed() throws Exception {
        try (var _ = serve(_ -> now(new Answer.Done(0, "")))) {
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                client.write(ByteBuffer.wrap(new byte[] {127, 0, 0, 0}));
                assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
            assertThat(ask(PUSH)).isEqualTo(new Answer.Done(0, ""));
        }
    }

    @Test
    void aSocketThatSomebodyElsePutThereStays() throws IOException {
        ArchiverServer first = serve(_ -> now(new Answer.Done(1, "")));
        try (var _ = serve(_ -> now(new Answer.Done(2, "")))) {
            first.close();
            assertThat(ask(PUSH)).isEqualTo(new Answer.Done(2, ""));
        }
    }

    @Test
    void theSocketIsFoundWithoutYaml() {
        assertThat(ArchiverSocket.value("/run/x")).contains("/run/x");
        assertThat(ArchiverSocket.value("/run/x # where")).contains("/run/x");
        assertThat(ArchiverSocket.value("\"/run/x\"")).contains("/run/x");
        assertThat(ArchiverSocket.value("'/run/x y' # z")).contains("/run/x y");
        assertThat(ArchiverSocket.value("&a /run/x")).isEmpty();
        assertThat(ArchiverSocket.value("|")).isEmpty();
        assertThat(ArchiverSocket.value("\"/run/\\x41\"")).isEmpty();
        assertThat(ArchiverSocket.value("")).isEmpty();
    }
}
