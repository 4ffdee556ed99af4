package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What PostgreSQL runs in tests: the real entry with a configuration of a few lines. */
final class ArchiveEntry {
    private ArchiveEntry() {}

    public static void main(String[] args) {
        System.exit(ArchiveMain.run(args, System.getenv(), (file, _) -> load(file), System.err));
    }

    /** Lines of {@code key: value}; {@code repo1} and {@code repo2} are paths. */
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
                            new StorageSettings.Posix(Path.of(values.get("repo" + key))),
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
                compression,
                compression.defaultLevel(),
                Path.of(values.get("lock")),
                new ArchiveSettings.Limits(
                        2,
                        Integer.parseInt(values.getOrDefault("look-ahead", "16")),
                        Long.parseLong(values.getOrDefault("prefetch", "16777216")),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(Long.parseLong(values.getOrDefault("patience", "2"))),
                        Duration.ofSeconds(1)));
    }
}
