package io.pgnode.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import io.pgnode.postgres.DatabaseAddress;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.RestoredCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A repository that the engine and a real pgbackrest share, for a server that archives into it. */
final class BackupLab {
    private static final String PASS = "a pass of the repository";
    private static final String FINGERPRINT =
            "SELECT (SELECT count(*) || ':' || sum(hashtext(t::text)::bigint) FROM t) || '/'"
                    + " || (SELECT count(*) || ':' || sum(i) FROM spaced) || '/'"
                    + " || (SELECT count(*) FROM empty)";

    final RealPostgres server;
    final Path directory;
    final PgBackRest.Configured tool;
    final RepositorySettings repository;
    final List<String> notes = new ArrayList<>();
    BackupOptions options;

    private BackupLab(
            RealPostgres server,
            Path directory,
            PgBackRest.Configured tool,
            RepositorySettings repository,
            BackupOptions options) {
        this.server = server;
        this.directory = directory;
        this.tool = tool;
        this.repository = repository;
        this.options = options;
    }

    /** How a repository is. */
    record Kind(CompressType compression, boolean bundle, boolean block, boolean cipher) {
        @Override
        public String toString() {
            return compression.text()
                    + (bundle ? "-bundle" : "")
                    + (block ? "-block" : "")
                    + (cipher ? "-cipher" : "");
        }
    }

    /** A server with all that matters to a backup. */
    static RealPostgres server(String name) throws Exception {
        RealPostgres server =
                PgBackRest.server(name, Map.of("autovacuum", "off", "full_page_writes", "on"));
        try {
            server.bootstrap();
            Path space = Files.createDirectory(server.root().resolve("space"));
            server.sql("CREATE TABLESPACE space LOCATION '" + space + "'");
            server.sql(
                    "CREATE TABLE t AS SELECT i AS id, md5(i::text) || repeat('x', 60) AS pad"
                            + " FROM generate_series(1, 40000) i");
            server.sql("ALTER TABLE t ADD PRIMARY KEY (id)");
            server.sql("CREATE TABLE spaced TABLESPACE space AS SELECT 1 AS i");
            server.sql("CREATE TABLE empty (i int)");
            server.sql("CREATE UNLOGGED TABLE unlogged AS SELECT generate_series(1, 1000) AS i");
            server.sql("CREATE INDEX ON unlogged (i)");
            server.sql("SELECT lo_from_bytea(0, 'large object')");
            server.sql("CREATE DATABASE other");
            server.sql("CHECKPOINT");
            return server;
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    /** A repository whose stanza the tool made, and into which the server archives. */
    static BackupLab create(RealPostgres server, Path directory, PgBackRest program, Kind kind)
            throws Exception {
        Map<String, String> global = new HashMap<>();
        global.put("compress-type", kind.compression.text());
        if (kind.bundle) {
            global.put("repo1-bundle", "y");
        }
        if (kind.block) {
            global.put("repo1-block", "y");
        }
        if (kind.cipher) {
            global.put("repo1-cipher-type", "aes-256-cbc");
            global.put("repo1-cipher-pass", PASS);
        }
        Files.createDirectories(directory);
        PgBackRest.Configured tool = program.with(directory, global, server);
        tool.must("stanza-create");
        tool.archive(server);
        RepositorySettings repository =
                new RepositorySettings(
                        1,
                        new StorageSettings.Posix(tool.repository()),
                        PgBackRest.STANZA,
                        kind.cipher ? CipherType.AES_256_CBC : CipherType.NONE,
                        kind.cipher ? new Secret(PASS) : null);
        BackupOptions options =
                BackupOptions.DEFAULT.toBuilder()
                        .compression(Compression.of(kind.compression))
                        .bundles(kind.bundle, kind.block)
                        .workers(2)
                        .archiveTimeout(Duration.ofSeconds(20))
                        .build();
        return new BackupLab(server, directory, tool, repository, options);
    }

    BackupRequest request(BackupType type) {
        return new BackupRequest(
                type,
                repository,
                DatabaseAddress.local(server.settings()),
                null,
                tool.lockPath(),
                options);
    }

    Progress progress() {
        return new Progress() {
            @Override
            public void at(Status status) {}

            @Override
            public void note(String sentence) {
                notes.add(sentence);
            }
        };
    }

    static BackupEngine engine(StopRequest stop) {
        return new BackupEngine(InstantSource.system(), System::nanoTime, stop);
    }

    BackupResult ours(BackupType type) throws BackupException {
        return engine(new StopRequest()).run(request(type), progress());
    }

    /** With another storage in between. */
    BackupResult ours(BackupType type, Storage storage) throws BackupException {
        try (Repository open = Repository.open(repository, storage)) {
            return engine(new StopRequest()).run(request(type), open, progress());
        }
    }

    void theirs(BackupType type) {
        tool.must("--type=" + type.text(), "backup");
    }

    void change(int round) throws SQLException {
        server.sql("UPDATE t SET pad = pad || 'y' WHERE id % 1000 = " + round);
        server.sql("INSERT INTO spaced VALUES (" + round + ")");
        server.sql(
                "INSERT INTO t SELECT (SELECT max(id) FROM t) + i, 'new'"
                        + " FROM generate_series(1, 100) i");
        server.sql("CHECKPOINT");
    }

    void verify() {
        PgBackRest.Outcome outcome = tool.run("--verbose", "--output=text", "verify");
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(outcome.out()).doesNotContain("status: error");
    }

    /** Restores with the tool, starts the server, checks every page and all of the content. */
    void restoreAndCompare(@Nullable BackupLabel label) throws Exception {
        String expected = server.sql(FINGERPRINT);
        Path data = Files.createTempDirectory(directory, "restored-");
        Path space = Files.createTempDirectory(directory, "space-");
        List<String> arguments = new ArrayList<>();
        arguments.add("--pg1-path=" + data);
        arguments.add("--tablespace-map-all=" + space);
        arguments.add("--type=immediate");
        arguments.add("--target-action=promote");
        if (label != null) {
            arguments.add("--set=" + label);
        }
        arguments.add("restore");
        tool.must(arguments.toArray(new String[0]));
        Path programs = RealPostgres.binDir();
        try (RestoredCluster restored = RestoredCluster.primary(programs, data)) {
            assertThat(restored.text(FINGERPRINT)).isEqualTo(expected);
            assertThat(restored.text("SELECT count(*) FROM unlogged")).isEqualTo("0");
            assertThat(
                            restored.text(
                                    "SELECT convert_from(lo_get(oid), 'UTF8') FROM"
                                            + " pg_largeobject_metadata LIMIT 1"))
                    .isEqualTo("large object");
            restored.amcheck();
            restored.stop();
        }
        RestoredCluster.checksums(programs, data);
    }
}
