package io.pgnode.backup.repo;

import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import io.pgnode.postgres.PostgresException;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A repository in a directory for us and for a real pgbackrest. */
final class RepositoryFixture {
    private static final String PASS = "correct horse battery staple";

    private RepositoryFixture() {}

    /** Options that give pgbackrest the cipher. */
    static Map<String, String> options(CipherType cipher) {
        Map<String, String> options = new LinkedHashMap<>();
        if (cipher != CipherType.NONE) {
            options.put("repo1-cipher-type", cipher.text());
            options.put("repo1-cipher-pass", PASS);
        }
        return options;
    }

    /** Ours on the same repository. */
    static Repository open(PgBackRest.Configured configured, CipherType cipher) throws Exception {
        return open(configured.repository(), cipher, PASS);
    }

    static Repository open(Path root, CipherType cipher, String pass) throws Exception {
        return Repository.open(
                new RepositorySettings(
                        1,
                        new StorageSettings.Posix(root),
                        PgBackRest.STANZA,
                        cipher,
                        cipher == CipherType.NONE ? null : new Secret(pass)));
    }

    static Identity identity(RealPostgres server) throws Exception {
        return new Identity(
                String.valueOf(server.sql("SELECT system_identifier FROM pg_control_system()")),
                "15",
                Integer.parseInt(
                        "" + server.sql("SELECT catalog_version_no FROM pg_control_system()")),
                Integer.parseInt(
                        "" + server.sql("SELECT pg_control_version FROM pg_control_system()")));
    }

    /** A server that has written a whole segment, and that segment's file. */
    static Path completeSegment(RealPostgres server) throws Exception {
        String name = "" + server.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
        server.sql("CREATE TABLE some_wal AS SELECT md5(i::text) t FROM generate_series(1, 999) i");
        server.sql("SELECT pg_switch_wal()");
        return server.settings().dataDir().resolve("pg_wal").resolve(name);
    }

    static Path directory(Path parent, String name) throws IOException {
        return Files.createDirectories(parent.resolve(name));
    }

    static RealPostgres server(String name) throws PostgresException {
        return PgBackRest.server(name, Map.of()).bootstrap();
    }
}
