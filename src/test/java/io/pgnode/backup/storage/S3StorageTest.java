package io.pgnode.backup.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.storage.StorageException.Kind;
import io.pgnode.testing.S3Server;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class S3StorageTest extends StorageContract {
    private static S3Server server;

    private final String root = "/repo/" + UUID.randomUUID();

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start();
        server.pageSize(3);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    Storage open() throws IOException {
        return Storages.open(new StorageSettings.S3(settings(server, root)));
    }

    private static S3Settings settings(S3Server server, String path) {
        return server.settings(
                path, new S3Settings.Times(Duration.ofSeconds(1), Duration.ofSeconds(10)));
    }

    @Test
    void describesItself() {
        assertThat(storage.describe()).isEqualTo("s3://" + S3Server.BUCKET + root);
        assertThat(storage.hasLinks()).isFalse();
        assertThat(settings(server, root).toString()).doesNotContain(S3Server.SECRET_KEY);
    }

    @Test
    void objectsThatAreNoFilesAreNotSeen() throws IOException {
        String prefix = root.substring(1) + "/d/";
        server.put(prefix, new byte[0]);
        server.put(prefix + "a//b", new byte[0]);
        server.put(prefix + "sub/", new byte[0]);
        server.put(prefix + "x", new byte[1]);

        assertThat(names("d")).containsExactly("a", "sub", "x");
        assertThat(storage.walk("d")).extracting(ObjectInfo::name).containsExactly("x");
        storage.removeTree("d");
        assertThat(storage.info("d")).isEmpty();
    }

    @Test
    void wholeBucketMayBeTheRoot() throws IOException {
        try (Storage all = Storages.open(new StorageSettings.S3(settings(server, "/")))) {
            storage.put("x", bytes("1"));

            assertThat(all.read(root.substring(1) + "/x", 1)).isEqualTo(bytes("1"));
            assertThat(all.list("")).extracting(ObjectInfo::name).contains("repo");
        }
    }

    @Test
    void largeContentGoesInParts() throws IOException {
        byte[] content = random(65 * 1024 * 1024);

        storage.put("large", content);

        assertThat(storage.read("large", content.length)).isEqualTo(content);
        assertThat(server.calls()).anyMatch(call -> call.contains(root + "/large?{partNumber=2"));
    }

    @Test
    void uploadsOfOthersAreLeftAlone() throws IOException {
        StorageOutput mine = storage.create("d/x", 20 << 20);
        mine.write(new byte[9 << 20], 0, 9 << 20);

        assertThat(storage.removeUnfinished("e", Instant.now().plusSeconds(9))).isZero();
        mine.commit();

        assertThat(storage.info("d/x").orElseThrow().size()).isEqualTo(9 << 20);
        assertFails(
                Kind.MISSING, () -> storage.read("d/y", 1), S3Server.BUCKET, "d/y", "NoSuchKey");
    }
}
