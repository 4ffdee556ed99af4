package io.pgnode.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.archive.ArchiveEntry;
import io.pgnode.backup.archive.Archiver;
import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.RawText;
import io.pgnode.backup.engine.BackupEngine;
import io.pgnode.backup.engine.BackupOptions;
import io.pgnode.backup.engine.BackupRequest;
import io.pgnode.backup.engine.BackupResult;
import io.pgnode.backup.engine.Progress;
import io.pgnode.backup.engine.StopRequest;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.restore.Restore;
import io.pgnode.backup.restore.RestoreRequest;
import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.TargetAction;
import io.pgnode.backup.storage.RawPaths;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.backup.upkeep.Verifier;
import io.pgnode.config.Secret;
import io.pgnode.postgres.DatabaseAddress;
import io.pgnode.testing.MemoryDirectory;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.RestoredCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server, and a repository that two tools use in turn: ours, and a real pgbackrest that judges
 * it. What each backup must bring back is known.
 */
final class RoundTrip implements AutoCloseable {
    private static final String CONTENT =
            "SELECT (SELECT count(*) || ':' || sum(hashtext(t::text)::bigint) FROM t) || '/'"
                    + " || (SELECT count(*) || ':' || sum(i) FROM spaced) || '/'"
                    + " || (SELECT count(*) FROM empty) || '/'"
                    + " || (SELECT sum(hashtext(lo_get(oid)::text)::bigint)"
                    + " FROM pg_largeobject_metadata) || '/'"
                    + " || (SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database)";

    private static final String EMPTY_FILE = "an empty \"file\"";

    /** Not UTF-8: caf, E9. */
    private static final String ODD_FILE = RawText.decode(new byte[] {'c', 'a', 'f', (byte) 0xE9});

    private final RealPostgres server;
    private final Path directory;
    private final RepositorySettings repository;
    private final Map<BackupLabel, String> contents = new LinkedHashMap<>();
    final PgBackRest.Configured tool;
    BackupOptions options;
    private String archiveGet;
    private @Nullable Archiver archiver;
    private int round;

    /**
     * The tool makes the stanza, and archives the server's WAL.
     *
     * @param more of the tool's options
     */
    RoundTrip(
            RealPostgres server,
            Path directory,
            PgBackRest program,
            RepositoryKind kind,
            StorageSettings storage,
            Map<String, String> more)
            throws Exception {
        this.server = server;
        this.directory = Files.createDirectories(directory);
        Map<String, String> global = new HashMap<>(kind.options());
        global.put("process-max", "2");
        global.putAll(more);
        this.tool = program.with(directory, global, server);
        this.repository =
                new RepositorySettings(
                        1,
                        storage,
                        PgBackRest.STANZA,
                        kind.cipher() ? CipherType.AES_256_CBC : CipherType.NONE,
                        kind.cipher() ? new Secret(RepositoryKind.PASS) : null);
        this.options =
                BackupOptions.DEFAULT.toBuilder()
                        .compression(Compression.of(kind.compression()))
                        .bundles(kind.bundle(), kind.block())
                        .workers(2)
                        .archiveTimeout(Duration.ofSeconds(60))
                        .build();
        tool.must("stanza-create");
        tool.archive(server);
        this.archiveGet = tool.command("--pg1-path=DATA archive-get %f \"%p\"");
    }

    /**
     * From now on we archive the server's WAL and give it back, not the tool: a resident archiver
     * for the server, and no archiver for what is restored.
     */
    void archiveByUs() throws SQLException, IOException, BackupException {
        // The tool insists that the command is one of its own, by this word.
        Path script = ArchiveEntry.script(directory.resolve("instead-of-pgbackrest"));
        Path push = archiveSettings("push");
        archiver = ArchiveEntry.archiver(push);
        server.sql(
                "ALTER SYSTEM SET archive_command = '%s archive-push -c %s %%p'"
                        .formatted(script, push));
        server.sql("SELECT pg_reload_conf()");
        archiveGet = script + " archive-get -c " + archiveSettings("get") + " %f \"%p\"";
    }

    private Path archiveSettings(String what) throws IOException {
        Secret pass = repository.pass();
        return Files.write(
                directory.resolve(what + ".yml"),
                List.of(
                        "pass: " + (pass == null ? "" : pass.reveal()),
                        "run-dir: " + Files.createDirectory(directory.resolve(what)),
                        "data-dir: " + server.settings().dataDir(),
                        "repo1: " + ArchiveEntry.line(repository.storage()),
                        "lock: " + tool.lockPath()));
    }

    /** In a directory. */
    RoundTrip(RealPostgres server, Path directory, PgBackRest program, RepositoryKind kind)
            throws Exception {
        this(
                server,
                directory,
                program,
                kind,
                new StorageSettings.Posix(directory.resolve("repo")),
                Map.of());
    }

    /** Puts into a server what matters to a backup. */
    static void fill(RealPostgres server) throws SQLException, IOException {
        Path space = Files.createDirectory(server.root().resolve("space"));
        server.sql("CREATE TABLESPACE space LOCATION '" + space + "'");
        server.sql(
                "CREATE TABLE t AS SELECT i AS id, md5(i::text) || repeat('x', 60) AS pad"
                        + " FROM generate_series(1, 20000) i");
        server.sql("ALTER TABLE t ADD PRIMARY KEY (id)");
        server.sql("CREATE TABLE spaced TABLESPACE space AS SELECT 1 AS i");
        server.sql("CREATE TABLE empty (i int)");
        server.sql("CREATE UNLOGGED TABLE unlogged AS SELECT generate_series(1, 1000) AS i");
        server.sql("CREATE INDEX ON unlogged (i)");
        server.sql("SELECT lo_from_bytea(0, decode(repeat('ab', 10000), 'hex'))");
        server.sql("CREATE DATABASE other");
        Files.createFile(server.settings().dataDir().resolve(EMPTY_FILE));
        Files.writeString(RawPaths.resolve(server.settings().dataDir(), ODD_FILE), "odd");
        server.sql("CHECKPOINT");
    }

    /** Changes a few pages, so that the next backup has something to do. */
    void change() throws SQLException {
        round++;
        server.sql("UPDATE t SET pad = pad || 'y' WHERE id % 1000 = " + round);
        server.sql("INSERT INTO spaced VALUES (" + round + ")");
        server.sql(
                "INSERT INTO t SELECT (SELECT max(id) FROM t) + i, 'new'"
                        + " FROM generate_series(1, 100) i");
        server.sql("CHECKPOINT");
    }

    BackupLabel ours(BackupType type) throws Exception {
        return ours(type, Progress.NONE);
    }

    BackupLabel ours(BackupType type, Progress progress) throws Exception {
        BackupRequest request =
                new BackupRequest(
                        type,
                        repository,
                        DatabaseAddress.local(server.settings()),
                        null,
                        tool.lockPath(),
                        options);
        BackupResult result;
        try {
            result =
                    new BackupEngine(InstantSource.system(), System::nanoTime, new StopRequest())
                            .run(request, progress);
        } catch (BackupException e) {
            throw new AssertionError(Files.readString(server.settings().logFile()), e);
        }
        assertThat(result.type()).isEqualTo(type);
        assertThat(result.damaged()).isEmpty();
        return made(result.label());
    }

    BackupLabel theirs(BackupType type) throws Exception {
        tool.must("--type=" + type.text(), "backup");
        try (Repository open = Repository.open(repository)) {
            return made(open.backups().info().backups().getLast().label());
        }
    }

    private BackupLabel made(BackupLabel label) throws SQLException {
        contents.put(label, String.valueOf(server.sql(CONTENT)));
        return label;
    }

    /** The newest backup. */
    BackupLabel last() {
        return labels().getLast();
    }

    /** Of all backups, oldest first. */
    List<BackupLabel> labels() {
        return List.copyOf(contents.keySet());
    }

    /** Both tools find nothing wrong in the repository. */
    void verify() throws Exception {
        PgBackRest.Outcome outcome = tool.run("--verbose", "--output=text", "verify");
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(outcome.out()).doesNotContain("status: error");
        try (Repository open = Repository.open(repository)) {
            var report = new Verifier(open, 2).run();
            assertThat(report.damages()).isEmpty();
            assertThat(report.backups()).hasSize(contents.size());
        }
    }

    /** We restore it, and PostgreSQL's tools say that it is that backup. */
    void restoreByUs(BackupLabel label) throws Exception {
        Path to = Files.createTempDirectory(directory, "ours-");
        Path data = to.resolve("data");
        restoreByUs(label, to);
        check(data, String.valueOf(contents.get(label)));
        MemoryDirectory.delete(to);
    }

    /** As {@link #restoreByUs(BackupLabel)}, but no server is started. */
    void restoreFilesByUs(BackupLabel label) throws Exception {
        Path to = Files.createTempDirectory(directory, "files-");
        restoreByUs(label, to);
        MemoryDirectory.delete(to);
    }

    private void restoreByUs(BackupLabel label, Path to) throws Exception {
        Path data = to.resolve("data");
        RestoreRequest request =
                RestoreRequest.of(data, archiveGet.replace("DATA", data.toString())).toBuilder()
                        .set(label.text())
                        .target(new RestoreTarget.Immediate())
                        .action(TargetAction.PROMOTE)
                        .tablespaceMapAll(to.resolve("spaces"))
                        .workers(2)
                        .build();
        try (Repository open = Repository.open(repository)) {
            new Restore(List.of(open), null, System::nanoTime)
                    .run(request, io.pgnode.backup.restore.Progress.NONE);
        }
        RestoredCluster.verifyBackup(binDir(), data);
    }

    /** The tool restores it, and PostgreSQL's tools say that it is that backup. */
    void restoreByThem(BackupLabel label) throws Exception {
        Path to = Files.createTempDirectory(directory, "theirs-");
        Path data = to.resolve("data");
        Files.createDirectory(data);
        tool.must(
                "--pg1-path=" + data,
                "--tablespace-map-all=" + to.resolve("spaces"),
                "--type=immediate",
                "--target-action=promote",
                "--set=" + label,
                "restore");
        check(data, String.valueOf(contents.get(label)));
        MemoryDirectory.delete(to);
    }

    private void check(Path data, String expected) throws Exception {
        assertThat(data.resolve(EMPTY_FILE)).isEmptyFile();
        assertThat(Files.readString(RawPaths.resolve(data, ODD_FILE))).isEqualTo("odd");
        try (RestoredCluster restored = RestoredCluster.primary(binDir(), data)) {
            assertThat(restored.text(CONTENT)).isEqualTo(expected);
            assertThat(restored.text("SELECT count(*) FROM unlogged")).isEqualTo("0");
            boolean hasChecksums = restored.text("SHOW data_checksums").equals("on");
            restored.amcheck();
            restored.stop();
            if (hasChecksums) {
                RestoredCluster.checksums(binDir(), data);
            }
        }
    }

    private Path binDir() {
        return server.settings().binDir();
    }

    @Override
    public void close() {
        if (archiver != null) {
            archiver.close();
        }
    }
}
