package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.SmallDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Disks that are full, repositories that hang, archivers that die; real PostgreSQL goes on. */
class ArchivingFaultsTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @SuppressWarnings("NullAway.Init")
    private ArchiveLab lab;

    @BeforeEach
    void begin() throws IOException {
        lab = new ArchiveLab(PgBackRest.stock(), Map.of());
    }

    @AfterEach
    void end() throws IOException {
        lab.close();
    }

    /** As long as there is progress: each segment is a JVM's start for PostgreSQL here. */
    private void awaitNothingReady() throws IOException {
        for (int left = lab.primary.ready().size(); left > 0; left = lab.primary.ready().size()) {
            int before = left;
            await().atMost(LIMIT).until(() -> lab.primary.ready().size() < before);
        }
    }

    private void awaitTold(String text) {
        await().atMost(LIMIT).until(() -> lab.primary.log().contains(text));
    }

    /** The stanza of the first repository in another one. */
    private void copyStanza(Path repository) throws IOException {
        Path target = Files.createDirectories(repository.resolve("archive/demo"));
        for (String name : List.of("archive.info", "archive.info.copy")) {
            Files.copy(lab.root.resolve("repo/archive/demo").resolve(name), target.resolve(name));
        }
    }

    @Test
    @EnabledIf("io.pgnode.testing.Capabilities#mount")
    void aFullRepositoryIsToldAndGetsItsWalWhenThereIsRoom() throws Exception {
        Path full = lab.root.resolve("full");
        SmallDisk disk = SmallDisk.mount(full, 16);
        try {
            copyStanza(full);
            lab.configure("full", "repo2: " + full);
            lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
            disk.fill();
            String segment = lab.primary.switchWal();
            awaitTold(segment + " is not archived: repo2");
            assertThat(lab.primary.log()).contains("no space left on device", "HINT: ");
            assertThat(lab.primary.ready()).contains(segment + ".ready");
            await().atMost(LIMIT).until(() -> lab.archived().contains(segment));
            // The command by itself says the same.
            lab.stopArchiver();
            ArchiveLab.Result alone =
                    lab.entry(lab.primary.data, "archive-push", "pg_wal/" + segment);
            assertThat(alone.exit()).isEqualTo(64);
            assertThat(alone.output()).contains("repo2", "no space left").hasLineCount(1);
            assertThat(files(full.resolve("archive/demo/15-1"))).isEmpty();

            disk.free();
            lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
            awaitNothingReady();
            assertThat(ArchiveLab.names(full)).contains(segment);
        } finally {
            lab.stopArchiver();
            disk.unmount();
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    /** Opening a pipe that nobody writes to is as a mounted file system whose server is gone. */
    @Test
    void aRepositoryThatHangsCostsTheOtherNothing() throws Exception {
        Path hanging = lab.root.resolve("hanging");
        copyStanza(hanging);
        Path info = hanging.resolve("archive/demo/archive.info");
        Files.delete(info);
        ArchiveLab.execute(0, "mkfifo", info.toString());
        lab.configure(
                "hanging", "repo1: " + hanging, "repo2: " + lab.root.resolve("repo"), "push: 4");
        lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);
        String first = lab.primary.switchWal();
        awaitTold(first + " is not archived: repo1");
        assertThat(lab.primary.log()).contains("does not answer for 3 s");
        String second = lab.primary.switchWal();
        await().atMost(LIMIT).until(() -> lab.archived().containsAll(List.of(first, second)));
        assertThat(lab.primary.ready()).contains(first + ".ready");
        // A recovery gets it from the one that answers, with and without an archiver.
        Path fetched = lab.primary.data.resolve("pg_wal/FETCHED");
        assertThat(lab.entry(lab.primary.data, "archive-get", first, fetched.toString()).exit())
                .isZero();
        assertThat(fetched).hasSameBinaryContentAs(fetched.resolveSibling(first));
        Files.delete(fetched);
        lab.stopArchiver();
        assertThat(lab.entry(lab.primary.data, "archive-get", second, fetched.toString()).exit())
                .isZero();
        assertThat(fetched).hasSameBinaryContentAs(fetched.resolveSibling(second));
        lab.startArchiver(ArchiveGuard.NOBODY_KNOWS);

        Path pipe = hanging.resolve("pipe");
        Files.move(info, pipe);
        Files.copy(hanging.resolve("archive/demo/archive.info.copy"), info);
        FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
        awaitNothingReady();
        assertThat(ArchiveLab.names(hanging)).contains(first, second);
    }

    @Test
    void anArchiverThatIsKilledLosesNothingAndBlocksNobody() throws Exception {
        killAndStart(1);
    }

    @Test
    @Tag("soak") // a few minutes
    void anArchiverThatIsKilledAgainAndAgain() throws Exception {
        killAndStart(10);
    }

    private void killAndStart(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Process archiver = lab.startResident();
            int before = lab.archived().size();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(this::write);
            int pushed = 1 + random.nextInt(4);
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> lab.archived().size() >= before + pushed);
            archiver.destroyForcibly().waitFor(); // amid its pushes
            writing.join();
        }
        lab.startResident();
        lab.primary.switchWal();
        awaitNothingReady();
        judge();
    }

    /** A dozen segments. */
    private void write() {
        try {
            lab.primary.sql("CREATE TABLE IF NOT EXISTS much (text text)");
            lab.primary.sql(
                    "INSERT INTO much SELECT repeat(md5(random()::text), 8)"
                            + " FROM generate_series(1, 40000)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * PostgreSQL saw no failure, nothing is missing, nothing is there twice, nothing is damaged.
     */
    private void judge() throws Exception {
        assertThat(lab.primary.sql("SELECT failed_count FROM pg_stat_archiver"))
                .as("seed %d: %s", seed, lab.primary.log())
                .isEqualTo("0");
        List<String> archived = lab.archived();
        assertThat(archived).doesNotHaveDuplicates();
        assertThat(archived)
                .contains(lab.primary.sql("SELECT last_archived_wal FROM pg_stat_archiver"));
        for (Path segment : lab.primary.segments()) {
            if (Files.exists(done(segment))) {
                assertThat(archived).contains(segment.getFileName().toString());
            }
        }
        assertThat(archived).hasSizeGreaterThan(5);
        lab.stock.must("verify");
        assertThat(lab.stock.must("info")).contains("wal archive min/max (15)");
    }

    private static Path done(Path segment) {
        return segment.resolveSibling("archive_status").resolve(segment.getFileName() + ".done");
    }

    @Test
    @Tag("soak")
    void anArchiverThatIsAskedToEndEndsSoonAndLeavesNothingHalf() throws Exception {
        Process archiver = lab.startResident();
        write();

        archiver.destroy();

        assertThat(archiver.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(archiver.exitValue()).isZero();
        assertThat(lab.run.resolve(ArchiveSettings.SOCKET)).doesNotExist();
        lab.primary.switchWal();
        awaitNothingReady();
        judge();
        assertThat(files(lab.root.resolve("repo")))
                .noneMatch(file -> file.toString().endsWith(".tmp"));
    }
}
