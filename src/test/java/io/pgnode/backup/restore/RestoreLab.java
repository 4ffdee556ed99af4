package io.pgnode.backup.restore;

import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.RawText;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.RawPaths;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server with a tablespace and links, and repositories that real pgBackRest made of it. Each
 * committed row of its table {@code ledger} is known by what a client saw of its commit.
 */
final class RestoreLab implements AutoCloseable {
    static final String PASS = "pass of the repository";

    /** Not UTF-8: caf, E9; and what JSON escapes. */
    static final String ODD_NAME = RawText.decode(new byte[] {'c', 'a', 'f', (byte) 0xE9, '"'});

    private final Path root;
    private final RealPostgres server;
    private final List<Entry> ledger = new ArrayList<>();
    private final Path tablespace;
    private final Path linked;

    /**
     * A commit.
     *
     * @param at its own time, by the server
     * @param before where its commit record begins
     * @param after a position after that record
     */
    record Entry(int id, String xid, String at, String before, String after) {}

    RestoreLab(Path root) throws Exception {
        this.root = root;
        this.server = PgBackRest.server("restore", Map.of("autovacuum", "off")).bootstrap();
        this.tablespace = Files.createDirectory(root.resolve("space"));
        this.linked = Files.createDirectory(root.resolve("linked"));
        Files.writeString(Files.createDirectory(linked.resolve("extra")).resolve("a"), "linked\n");
        Files.writeString(linked.resolve("extra.conf"), "# a linked file\n");
        Files.createFile(RawPaths.resolve(linked.resolve("extra"), ODD_NAME));
        Path data = server.settings().dataDir();
        Files.createSymbolicLink(data.resolve("extra"), linked.resolve("extra"));
        Files.createSymbolicLink(data.resolve("extra.conf"), linked.resolve("extra.conf"));
        server.sql("CREATE EXTENSION amcheck");
        server.sql("CREATE TABLESPACE space LOCATION '" + tablespace + "'");
        server.sql("CREATE TABLE ledger (id int PRIMARY KEY, filler text)");
        server.sql(
                "CREATE TABLE big TABLESPACE space AS SELECT i AS id, md5(i::text) AS filler FROM"
                        + " generate_series(1, 40000) i");
        server.sql("CREATE INDEX ON big (filler) TABLESPACE space");
        server.sql("CREATE TABLE empty_one (id int)");
        server.sql("CREATE UNLOGGED TABLE scratch AS SELECT 1 AS id");
        server.sql("SELECT lo_from_bytea(0, decode(repeat('ab', 100000), 'hex'))");
    }

    /** A new directory, in memory where that can be: what is synced is not what is tested. */
    static Path directory() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "pgnode-restore-")
                : Files.createTempDirectory("pgnode-restore-");
    }

    RealPostgres server() {
        return server;
    }

    Path root() {
        return root;
    }

    Path linked() {
        return linked;
    }

    Path tablespace() {
        return tablespace;
    }

    List<Entry> ledger() {
        return ledger;
    }

    /** One more commit for the ledger. */
    Entry commit() throws Exception {
        int id = ledger.size() + 1;
        try (var connection = server.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO ledger VALUES (" + id + ", repeat('x', 200))");
            String xid;
            String begin;
            try (var row =
                    statement.executeQuery(
                            "SELECT pg_current_xact_id()::text, pg_current_wal_insert_lsn()")) {
                row.next();
                xid = row.getString(1);
                begin = row.getString(2);
            }
            connection.commit();
            Matcher commit = commitRecord(begin, xid);
            Entry entry =
                    new Entry(
                            id,
                            xid,
                            commit.group("at") + "+00",
                            commit.group("lsn"),
                            String.valueOf(server.sql("SELECT pg_current_wal_insert_lsn()")));
            ledger.add(entry);
            return entry;
        }
    }

    /** What the log itself says of a commit. */
    private Matcher commitRecord(String begin, String xid) throws Exception {
        String records =
                run(
                        "pg_waldump",
                        null,
                        "-p",
                        server.settings().dataDir().resolve("pg_wal").toString(),
                        "-s",
                        begin,
                        "-n",
                        "3",
                        "-x",
                        xid,
                        "-e",
                        String.valueOf(server.sql("SELECT pg_current_wal_lsn()")));
        Matcher commit =
                Pattern.compile("lsn: (?<lsn>\\S+),.*desc: COMMIT (?<at>\\S+ \\S+) UTC")
                        .matcher(records);
        if (!commit.find()) {
            throw new AssertionError("no commit of " + xid + " in " + records);
        }
        return commit;
    }

    /** Changes some blocks of the large table. */
    void touch() throws Exception {
        server.sql("UPDATE big SET filler = 'touched' WHERE id % 9000 = 1");
    }

    /** A repository of its own that this tool made; WAL goes there from now on. */
    PgBackRest.Configured repository(PgBackRest tool, String name, Map<String, String> options)
            throws Exception {
        Path directory = Files.createDirectories(root.resolve(name));
        Map<String, String> all = new TreeMap<>(options);
        if (all.containsKey("cipher")) {
            all.remove("cipher");
            all.put("repo1-cipher-type", "aes-256-cbc");
            all.put("repo1-cipher-pass", PASS);
        }
        PgBackRest.Configured configured = tool.with(directory, all, server);
        configured.must("stanza-create");
        configured.archive(server);
        return configured;
    }

    /** Makes a backup; returns its label. */
    String backup(PgBackRest.Configured configured, String type) throws Exception {
        configured.must("backup", "--type=" + type);
        String latest = "";
        try (Repository repository = open(configured, 1)) {
            latest = repository.backups().info().backups().getLast().label().text();
        }
        return latest;
    }

    /** Until all WAL so far is in the archive. */
    void switchWal() throws Exception {
        String segment = server.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
        server.sql("SELECT pg_switch_wal()");
        for (int i = 0; i < 400; i++) {
            if (String.valueOf(segment)
                            .compareTo(
                                    String.valueOf(
                                            server.sql(
                                                    "SELECT last_archived_wal FROM"
                                                            + " pg_stat_archiver")))
                    <= 0) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("segment " + segment + " was not archived");
    }

    static Repository open(PgBackRest.Configured configured, int key) throws Exception {
        boolean isEncrypted = Files.readString(configured.file()).contains("repo1-cipher-pass");
        return Repository.open(
                new RepositorySettings(
                        key,
                        new StorageSettings.Posix(configured.repository()),
                        PgBackRest.STANZA,
                        isEncrypted ? CipherType.AES_256_CBC : CipherType.NONE,
                        isEncrypted ? new Secret(PASS) : null));
    }

    /** Into {@code directory} below the root, tablespaces and links beside it. */
    RestoreRequest request(PgBackRest.Configured configured, String directory) {
        Path data = root.resolve(directory).resolve("data");
        Map<String, Path> links = new HashMap<>();
        links.put("extra", root.resolve(directory).resolve("extra"));
        links.put("extra.conf", root.resolve(directory).resolve("conf").resolve("extra.conf"));
        return RestoreRequest.of(
                        data, configured.command("--pg1-path=" + data + " archive-get %f \"%p\""))
                .toBuilder()
                .tablespaceMapAll(root.resolve(directory).resolve("spaces"))
                .linkMap(links)
                .workers(2)
                .build();
    }

    static RestoreResult restore(PgBackRest.Configured configured, RestoreRequest request)
            throws Exception {
        return restore(configured, request, Steps.NONE);
    }

    static RestoreResult restore(
            PgBackRest.Configured configured, RestoreRequest request, Steps steps)
            throws Exception {
        try (Repository repository = open(configured, 1)) {
            return new Restore(List.of(repository), null, System::nanoTime, steps)
                    .run(request, Progress.NONE);
        }
    }

    static String run(String program, @Nullable Path directory, String... arguments)
            throws Exception {
        List<String> line = new ArrayList<>();
        line.add(RealPostgres.binDir().resolve(program).toString());
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("TZ", "UTC");
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new AssertionError(line + " exited with " + process.exitValue() + ": " + output);
        }
        return output;
    }

    static void verify(Path data) throws Exception {
        run("pg_verifybackup", null, "-n", data.toString());
    }

    @Override
    public void close() {
        server.close();
    }
}
