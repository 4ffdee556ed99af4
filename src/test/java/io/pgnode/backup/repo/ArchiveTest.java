package io.pgnode.backup.repo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** WAL that we and a real pgbackrest archive, each fetched by the other. */
class ArchiveTest {
    private static RealPostgres server;
    private static Identity identity;
    private static Path wal;
    private static byte[] content;

    @TempDir private Path directory;
    private Path fetched;

    @BeforeAll
    static void start() throws Exception {
        server = RepositoryFixture.server("archive");
        identity = RepositoryFixture.identity(server);
        wal = RepositoryFixture.completeSegment(server);
        content = Files.readAllBytes(wal);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @BeforeEach
    void prepare() {
        fetched = directory.resolve("fetched");
    }

    static Stream<Arguments> kinds() {
        return Stream.of(CompressType.values())
                .flatMap(
                        compression ->
                                Stream.of(CipherType.values())
                                        .map(cipher -> Arguments.of(compression, cipher)));
    }

    private PgBackRest.Configured configured(CompressType compression, CipherType cipher) {
        Map<String, String> options = new LinkedHashMap<>(RepositoryFixture.options(cipher));
        options.put("compress-type", compression.text());
        options.put("compress-level", Integer.toString(compression.defaultLevel()));
        return PgBackRest.stock().with(directory, options, server);
    }

    private static WalFile file() {
        return WalFile.parse(wal.getFileName().toString());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void pgBackRestFetchesWhatWePush(CompressType compression, CipherType cipher) throws Exception {
        if (compression == CompressType.BZ2) {
            return;
        }
        PgBackRest.Configured configured = configured(compression, cipher);
        try (Repository repository = RepositoryFixture.open(configured, cipher)) {
            StanzaSetup.create(repository, identity);
            Archive archive = repository.archive();
            assertThat(archive.push(file(), WalSource.of(wal), Compression.of(compression)))
                    .isEqualTo(PushResult.STORED);
            assertThat(archive.push(file(), WalSource.of(wal), Compression.of(compression)))
                    .isEqualTo(PushResult.ALREADY_THERE);

            configured.must("archive-get", file().name(), fetched.toString());
            assertThat(Files.readAllBytes(fetched)).isEqualTo(content);
            // What is there already is a success for the other, too.
            configured.must("archive-push", wal.toString());
            assertThat(archive.segments()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void weFetchWhatPgBackRestPushes(CompressType compression, CipherType cipher) throws Exception {
        PgBackRest.Configured configured = configured(compression, cipher);
        configured.must("stanza-create");
        configured.must("archive-push", wal.toString());
        try (Repository repository = RepositoryFixture.open(configured, cipher)) {
            Archive archive = repository.archive();
            assertThat(archive.get(file(), fetched)).isTrue();
            assertThat(Files.readAllBytes(fetched)).isEqualTo(content);
            assertThat(archive.push(file(), WalSource.of(wal), Compression.of(CompressType.ZST, 1)))
                    .isEqualTo(PushResult.ALREADY_THERE);
            assertThat(archive.segments(1))
                    .singleElement()
                    .satisfies(
                            stored -> {
                                assertThat(stored.compression()).isEqualTo(compression);
                                assertThat(stored.file()).isEqualTo(file());
                            });
        }
    }

    @Test
    void historyAndPartialAndBackupFilesGoBothWays() throws Exception {
        CipherType cipher = CipherType.AES_256_CBC;
        PgBackRest.Configured configured = configured(CompressType.ZST, cipher);
        WalSegment segment = WalSegment.parse(file().name());
        byte[] history =
                "1\t0/3000000\tno recovery target specified\n".getBytes(StandardCharsets.US_ASCII);
        Map<WalFile, byte[]> files =
                Map.of(
                        new WalFile.History(2), history,
                        new WalFile.Partial(segment), content,
                        new WalFile.BackupHistory(segment, "00000028"), history);
        try (Repository repository = RepositoryFixture.open(configured, cipher)) {
            StanzaSetup.create(repository, identity);
            Archive archive = repository.archive();
            for (Map.Entry<WalFile, byte[]> entry : files.entrySet()) {
                WalFile file = entry.getKey();
                byte[] bytes = entry.getValue();
                assertThat(
                                archive.push(
                                        file,
                                        WalSource.of(bytes),
                                        Compression.of(CompressType.ZST, 1)))
                        .isEqualTo(PushResult.STORED);
                assertThat(
                                archive.push(
                                        file,
                                        WalSource.of(bytes),
                                        Compression.of(CompressType.ZST, 1)))
                        .isEqualTo(PushResult.ALREADY_THERE);
                Files.deleteIfExists(fetched);
                configured.must("archive-get", file.name(), fetched.toString());
                assertThat(Files.readAllBytes(fetched)).isEqualTo(bytes);
                byte[] other = bytes.clone();
                other[other.length - 1] ^= 1;
                assertThatThrownBy(
                                () ->
                                        archive.push(
                                                file,
                                                WalSource.of(other),
                                                Compression.of(CompressType.ZST, 1)))
                        .isInstanceOf(DuplicateWalException.class)
                        .hasMessageContaining(file.name());
            }
            assertThat(archive.histories("15-1")).hasSize(1);
            assertThat(archive.files("15-1", segment.directory())).hasSize(2);
            assertThat(archive.segments()).isEmpty();

            Path pushed = Files.write(directory.resolve("00000003.history"), history);
            configured.must("archive-push", pushed.toString());
            assertThat(archive.get(new WalFile.History(3), fetched)).isTrue();
            assertThat(Files.readAllBytes(fetched)).isEqualTo(history);
        }
    }

    @Test
    void aLargeSegmentGoesThere() throws Exception {
        byte[] large = Arrays.copyOf(content, 4 * content.length);
        byte[] noise = new byte[content.length];
        new Random(3).nextBytes(noise);
        System.arraycopy(noise, 0, large, content.length, noise.length);
        PgBackRest.Configured configured = configured(CompressType.LZ4, CipherType.AES_256_CBC);
        try (Repository repository = RepositoryFixture.open(configured, CipherType.AES_256_CBC)) {
            StanzaSetup.create(repository, identity);
            Archive archive = repository.archive();
            WalSource source = WalSource.of(large);
            assertThat(archive.push(file(), source, Compression.of(CompressType.LZ4, 1)))
                    .isEqualTo(PushResult.STORED);
            assertThat(archive.push(file(), source, Compression.of(CompressType.LZ4, 1)))
                    .isEqualTo(PushResult.ALREADY_THERE);
            configured.must("archive-get", file().name(), fetched.toString());
            assertThat(Files.readAllBytes(fetched)).isEqualTo(large);
        }
    }

    @Test
    void otherContentIsNeverReplaced() throws Exception {
        PgBackRest.Configured configured = configured(CompressType.LZ4, CipherType.NONE);
        configured.must("stanza-create");
        configured.must("archive-push", wal.toString());
        byte[] other = content.clone();
        other[other.length - 1] ^= 1;
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            Archive archive = repository.archive();
            assertThatThrownBy(
                            () ->
                                    archive.push(
                                            file(),
                                            WalSource.of(other),
                                            Compression.of(CompressType.LZ4, 1)))
                    .isInstanceOfSatisfying(
                            DuplicateWalException.class,
                            e -> assertThat(e.exit().code()).isEqualTo(45));
            assertThat(archive.get(file(), fetched)).isTrue();
            assertThat(Files.readAllBytes(fetched)).isEqualTo(content);
        }
    }

    @Test
    void twoOfOneNameAreAnErrorThatNamesBoth() throws Exception {
        PgBackRest.Configured configured = configured(CompressType.NONE, CipherType.NONE);
        configured.must("stanza-create");
        configured.must("archive-push", wal.toString());
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            Archive archive = repository.archive();
            StoredWal stored = archive.find(file()).orElseThrow();
            String second = stored.path().replace("-" + stored.checksum(), "-" + "a".repeat(40));
            Files.write(configured.repository().resolve(second), content);
            assertThatThrownBy(() -> archive.get(file(), fetched))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining(stored.path())
                    .hasMessageContaining(second);
            assertThat(fetched).doesNotExist();
        }
    }

    @Test
    void walOfAnotherClusterIsRefused() throws Exception {
        PgBackRest.Configured configured = configured(CompressType.ZST, CipherType.NONE);
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            StanzaSetup.create(repository, identity);
            assertRefused(repository, changed(24, 8, 4711), BackrestExit.ARCHIVE_MISMATCH);
            assertRefused(repository, changed(0, 2, 0xD113), BackrestExit.ARCHIVE_MISMATCH);
            assertRefused(repository, changed(0, 2, 0x1234), BackrestExit.VERSION_NOT_SUPPORTED);
            assertRefused(repository, changed(2, 2, 0), BackrestExit.FORMAT);
            assertRefused(repository, new byte[10], BackrestExit.FORMAT);
            assertThat(repository.archive().archiveIds()).isEmpty();
        }
    }

    private static byte[] changed(int at, int bytes, long value) {
        byte[] changed = content.clone();
        ByteBuffer buffer = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes == 2) {
            buffer.putShort(at, (short) value);
        } else {
            buffer.putLong(at, value);
        }
        return changed;
    }

    private static void assertRefused(Repository repository, byte[] bytes, BackrestExit exit) {
        assertThatThrownBy(
                        () ->
                                repository
                                        .archive()
                                        .push(
                                                file(),
                                                WalSource.of(bytes),
                                                Compression.of(CompressType.ZST, 1)))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.exit()).isEqualTo(exit));
    }

    @Test
    void aDamagedSegmentIsNotHandedOut() throws Exception {
        for (CompressType compression : List.of(CompressType.NONE, CompressType.ZST)) {
            Path place = RepositoryFixture.directory(directory, compression.text());
            PgBackRest.Configured configured =
                    PgBackRest.stock()
                            .with(place, Map.of("compress-type", compression.text()), server);
            configured.must("stanza-create");
            configured.must("archive-push", wal.toString());
            try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
                StoredWal stored = repository.archive().find(file()).orElseThrow();
                Path path = configured.repository().resolve(stored.path());
                byte[] bytes = Files.readAllBytes(path);
                bytes[bytes.length / 2] ^= 1;
                Files.write(path, bytes);
                assertThatThrownBy(() -> repository.archive().get(file(), fetched))
                        .isInstanceOf(BackupException.class)
                        .hasMessageContaining(stored.path());
                assertThat(fetched).doesNotExist();
                try (Stream<Path> left = Files.list(directory)) {
                    assertThat(left.filter(Files::isRegularFile))
                            .noneMatch(name -> name.toString().endsWith(".tmp"));
                }
            }
        }
    }

    @Test
    void whatIsNotThereIsNotAnError() throws Exception {
        PgBackRest.Configured configured = configured(CompressType.NONE, CipherType.NONE);
        try (Repository repository = RepositoryFixture.open(configured, CipherType.NONE)) {
            assertThatThrownBy(() -> repository.archive().get(file(), fetched))
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            e -> assertThat(e.exit()).isEqualTo(BackrestExit.FILE_MISSING));
            StanzaSetup.create(repository, identity);
            assertThat(repository.archive().get(file(), fetched)).isFalse();
            assertThat(repository.archive().get(new WalFile.History(2), fetched)).isFalse();
            assertThat(fetched).doesNotExist();
        }
    }
}
