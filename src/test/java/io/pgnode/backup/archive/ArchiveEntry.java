package io.pgnode.backup.archive;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.S3Settings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What PostgreSQL runs in tests: the real entry with a configuration of a few lines. */
public final class ArchiveEntry {
    private ArchiveEntry() {}

    /** Writes a script that runs it in a JVM like this one. */
    public static Path script(Path file) throws IOException {
        Files.writeString(
                file,
                """
                #!/bin/sh
                export CLASSPATH='%s'
                exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto \
                --enable-native-access=ALL-UNNAMED io.pgnode.backup.archive.ArchiveEntry "$@"
                """
                        .formatted(
                                System.getProperty("java.class.path"),
                                Path.of(System.getProperty("java.home"), "bin/java")));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** {@code resident FILE} is an archiver, until SIGTERM. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("resident")) {
            reside(Path.of(args[1]));
            return;
        }
        System.exit(ArchiveMain.run(args, System.getenv(), (file, _) -> load(file), System.err));
    }

    private static void reside(Path configuration) throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        SignalHandler.on(Signal.TERM, stopped::countDown);
        try (Archiver _ = Archiver.start(load(configuration), ArchiveGuard.NOBODY_KNOWS)) {
            stopped.await();
        }
        System.exit(0);
    }

    /** Begins the resident archiver of a configuration, for a member that nobody knows of. */
    public static Archiver archiver(Path file) throws BackupException, IOException {
        return Archiver.start(load(file), ArchiveGuard.NOBODY_KNOWS);
    }

    /**
     * Lines of {@code key: value}; {@code repo1} and {@code repo2} are paths, or what {@link #line}
     * says.
     */
    static ArchiveSettings load(Path file) throws BackupException {
        Map<String, String> values = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    values.put(line.substring(0, colon), line.substring(colon + 2));
                }
            }
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.CONFIG, "cannot read " + file + ": " + e.getMessage());
        }
        String pass = values.getOrDefault("pass", "");
        List<RepositorySettings> repositories = new ArrayList<>();
        for (int key = 1; values.containsKey("repo" + key); key++) {
            repositories.add(
                    new RepositorySettings(
                            key,
                            storage(values.getOrDefault("repo" + key, "")),
                            "demo",
                            pass.isEmpty() ? CipherType.NONE : CipherType.AES_256_CBC,
                            pass.isEmpty() ? null : new Secret(pass)));
        }
        CompressType compression = CompressType.parse(values.getOrDefault("compress", "zst"));
        return new ArchiveSettings(
                Path.of(values.get("run-dir")),
                Path.of(values.get("data-dir")),
                "n1",
                repositories,
                Compression.of(compression),
                Path.of(values.get("lock")),
                new ArchiveSettings.Limits(
                        2,
                        Integer.parseInt(values.getOrDefault("look-ahead", "16")),
                        Long.parseLong(values.getOrDefault("prefetch", "16777216")),
                        Duration.ofSeconds(Long.parseLong(values.getOrDefault("push", "20"))),
                        Duration.ofSeconds(Long.parseLong(values.getOrDefault("patience", "2"))),
                        Duration.ofSeconds(1)));
    }

    /** A repository's value in the configuration. */
    public static String line(StorageSettings storage) {
        return switch (storage) {
            case StorageSettings.Posix posix -> posix.root().toString();
            case StorageSettings.S3(S3Settings s3) ->
                    String.join(
                            " ",
                            s3.bucket().endpoint().toString(),
                            s3.bucket().name(),
                            s3.bucket().region(),
                            "/" + s3.path(),
                            s3.keys().id(),
                            s3.keys().secret().reveal(),
                            String.valueOf(s3.tls().caFile()));
        };
    }

    private static StorageSettings storage(String line) {
        String[] words = line.split(" ", -1);
        return words.length == 1
                ? new StorageSettings.Posix(Path.of(line))
                : new StorageSettings.S3(
                        new S3Settings(
                                new S3Settings.Bucket(
                                        S3Settings.Bucket.endpoint(words[0], 0),
                                        words[1],
                                        words[2],
                                        S3Settings.UriStyle.PATH),
                                words[3],
                                new S3Settings.Keys(words[4], new Secret(words[5])),
                                new S3Settings.Tls(Path.of(words[6]), true),
                                S3Settings.Times.USUAL));
    }
}
