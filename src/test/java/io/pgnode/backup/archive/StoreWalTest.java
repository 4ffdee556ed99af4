package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.repo.Identity;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StanzaSetup;
import io.pgnode.backup.repo.StopFiles;
import io.pgnode.backup.storage.S3Settings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.testing.S3Fault;
import io.pgnode.testing.S3Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** WAL and an object store that does not do as it should. */
class StoreWalTest {
    private static final long SYSTEM_ID = 7300000000000000001L;
    private static final int SEGMENT = 1 << 20;
    private static final int ALWAYS = Integer.MAX_VALUE;

    @TempDir private Path directory;
    private S3Server server;
    private final AtomicLong nanos = new AtomicLong();

    @BeforeEach
    void start() throws Exception {
        server = S3Server.start();
        try (Repository repository = repository()) {
            StanzaSetup.create(
                    repository, new Identity(Long.toString(SYSTEM_ID), "15", 202209061, 1300));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Repository repository() throws BackupException {
        S3Settings settings =
                server.settings(
                        "/r", new S3Settings.Times(Duration.ofMillis(500), Duration.ofSeconds(1)));
        return Repository.open(
                new RepositorySettings(
                        2, new StorageSettings.S3(settings), "demo", CipherType.NONE, null));
    }

    private WalRepository wal() throws BackupException {
        return new StanzaWal(
                repository(),
                new StopFiles(directory),
                "n1",
                Compression.of(CompressType.ZST),
                nanos::get);
    }

    private Path segment(int number) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(SEGMENT).order(ByteOrder.LITTLE_ENDIAN);
        page.putShort(0, (short) 0xD110).putShort(2, (short) 2).putLong(24, SYSTEM_ID);
        page.putInt(32, SEGMENT).putInt(64, number);
        return Files.write(directory.resolve("%08X%08X%08X".formatted(1, 0, number)), page.array());
    }

    private static WalFile file(Path segment) {
        return WalFile.parse(segment.getFileName().toString());
    }

    @Test
    void aPushAsksForItsNameAndStores() throws Exception {
        try (WalRepository wal = wal()) {
            assertThat(wal.push(file(segment(1)), segment(1))).isTrue();
            int before = server.calls().size();
            assertThat(wal.push(file(segment(2)), segment(2))).isTrue();

            List<String> calls = server.calls().subList(before, server.calls().size());
            assertThat(calls).hasSize(2);
            assertThat(calls.getFirst()).startsWith("GET").contains("000000010000000000000002-");
            assertThat(calls.getLast()).startsWith("PUT").contains("000000010000000000000002-");

            // After a while it is seen whether the stanza is there.
            nanos.addAndGet(Duration.ofSeconds(4).toNanos());
            assertThat(wal.push(file(segment(3)), segment(3))).isTrue();
            assertThat(server.calls())
                    .anyMatch(call -> call.matches("(GET|HEAD) .*archive.info.*"));
            assertThat(server.calls()).hasSize(before + 2 + 3);
        }
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(new S3Fault.Refusal(403, "AccessDenied"), BackrestExit.ACCESS),
                Arguments.of(new S3Fault.Refusal(500, "InternalError"), BackrestExit.HOST_CONNECT),
                Arguments.of(new S3Fault.Refusal(503, "SlowDown"), BackrestExit.HOST_CONNECT),
                Arguments.of(new S3Fault.Silence(), BackrestExit.HOST_CONNECT),
                Arguments.of(new S3Fault.Reset(), BackrestExit.HOST_CONNECT));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aStoreThatFailsIsToldByItsKindAndHasAllWhenItIsBack(S3Fault fault, BackrestExit exit)
            throws Exception {
        Path segment = segment(5);
        Path fetched = directory.resolve("fetched");
        try (WalRepository wal = wal()) {
            for (String calls : List.of("PUT", "")) {
                server.fail(fault, ALWAYS, calls);
                assertThatThrownBy(() -> wal.push(file(segment), segment))
                        .isInstanceOfSatisfying(
                                BackupException.class, e -> assertThat(e.exit()).isEqualTo(exit))
                        .hasMessageContaining("s3://backups/r")
                        .hasMessageNotContaining(S3Server.SECRET_KEY);
                server.heal();
            }
            assertThat(server.keys()).noneMatch(key -> key.contains(file(segment).name()));
            server.fail(fault, ALWAYS, "");
            assertThatThrownBy(() -> wal.get(file(segment), fetched))
                    .isInstanceOf(BackupException.class);
            server.heal();

            assertThat(wal.get(file(segment), fetched)).isFalse();
            assertThat(wal.push(file(segment), segment)).isTrue();
            assertThat(wal.push(file(segment), segment)).isFalse();
            assertThat(wal.get(file(segment), fetched)).isTrue();
            assertThat(fetched).hasSameBinaryContentAs(segment);
        }
    }

    @Test
    void aLostAnswerIsNoSecondFile() throws Exception {
        Path segment = segment(7);
        try (WalRepository wal = wal()) {
            server.fail(new S3Fault.LostAnswer(), 1, "PUT");
            assertThat(wal.push(file(segment), segment)).isTrue();

            assertThat(server.keys().stream().filter(key -> key.contains(file(segment).name())))
                    .hasSize(1);
        }
    }
}
