package io.pgnode.backup.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real pgbackrest on the same bucket: it reads what we write, and we what it writes. */
class S3PgBackRestTest {
    @Test
    void repositoriesMoveFromBucketToDirectoryAndBack(@TempDir Path directory) throws Exception {
        moveFromBucketToDirectoryAndBack(PgBackRest.all().getLast(), directory, Map.of());
    }

    @Test
    @Tag("soak")
    void repositoriesOfTheDistributionsMoveToo(@TempDir Path directory) throws Exception {
        moveFromBucketToDirectoryAndBack(
                PgBackRest.stock(),
                directory,
                Map.of("repo1-s3-uri-style", "host", "repo1-storage-host", S3Server.HOST));
    }

    private static void moveFromBucketToDirectoryAndBack(
            PgBackRest tool, Path directory, Map<String, String> more) throws Exception {
        try (S3Server server = S3Server.startTls(directory);
                RealPostgres postgres = PgBackRest.server("s3", Map.of());
                Storage theirs = Storages.open(new StorageSettings.S3(server.settings("/theirs")));
                Storage ours = Storages.open(new StorageSettings.S3(server.settings("/ours")));
                Storage copy =
                        Storages.open(new StorageSettings.Posix(directory.resolve("copy/repo")))) {
            server.pageSize(100);
            PgBackRest.Configured inBucket =
                    tool.with(directory, options(server, "/theirs", more), postgres);
            postgres.bootstrap();
            inBucket.must("stanza-create");
            inBucket.archive(postgres);
            inBucket.must("backup", "--type=full");
            postgres.sql("CREATE TABLE t AS SELECT generate_series(1, 1000)");
            inBucket.must("backup", "--type=incr");
            String info = inBucket.must("info");

            copy(theirs, copy);
            copy(copy, ours);

            assertThat(files(copy)).isEqualTo(files(theirs)).isEqualTo(files(ours));
            assertThat(files(theirs)).hasSize(count(server, "theirs/")).hasSizeGreaterThan(12);
            PgBackRest.Configured inDirectory =
                    tool.with(directory.resolve("copy"), Map.of(), postgres);
            PgBackRest.Configured inOurs =
                    tool.with(directory.resolve("ours"), options(server, "/ours", more), postgres);
            assertThat(inDirectory.must("info")).isEqualTo(info);
            assertThat(inOurs.must("info")).isEqualTo(info);
            assertThat(inOurs.must("verify")).isEqualTo(inBucket.must("verify"));
            assertThat(theirs.removeUnfinished("", Instant.now().plusSeconds(60))).isZero();
        }
    }

    private static int count(S3Server server, String prefix) {
        return (int) server.keys().stream().filter(key -> key.startsWith(prefix)).count();
    }

    private static Map<String, String> options(
            S3Server server, String path, Map<String, String> more) {
        var all = new HashMap<>(server.pgBackRestOptions(1, path));
        all.put("repo1-bundle", "y");
        all.putAll(more);
        return all;
    }

    private static List<String> files(Storage storage) throws IOException {
        return storage.walk("").stream()
                .filter(ObjectInfo::isFile)
                .map(file -> file.name() + " " + file.size())
                .toList();
    }

    private static void copy(Storage from, Storage to) throws IOException {
        var buffer = new byte[64 * 1024];
        for (ObjectInfo file : new ArrayList<>(from.walk(""))) {
            if (file.isFile()) {
                try (InputStream in = from.open(file.name());
                        StorageOutput out = to.create(file.name(), file.size())) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        out.write(buffer, 0, n);
                    }
                    out.commit();
                }
            }
        }
    }
}
