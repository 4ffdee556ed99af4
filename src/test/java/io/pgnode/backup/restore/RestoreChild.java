package io.pgnode.backup.restore;

import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.testing.PgBackRest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process that restores, to be killed: repository, data directory, directory of tablespaces, and
 * one more argument when the backup has no links.
 */
final class RestoreChild {
    private RestoreChild() {}

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[1]);
        Path spaces = Path.of(args[2]);
        try (Repository repository =
                Repository.open(
                        new RepositorySettings(
                                1,
                                new StorageSettings.Posix(Path.of(args[0])),
                                PgBackRest.STANZA,
                                CipherType.NONE,
                                null))) {
            new Restore(List.of(repository), null, System::nanoTime)
                    .run(
                            RestoreRequest.of(data, "false").toBuilder()
                                    .tablespaceMapAll(spaces)
                                    .linkMap(args.length > 3 ? Map.of() : links(spaces))
                                    .delta(true)
                                    .workers(2)
                                    .build(),
                            Progress.NONE);
        }
    }

    private static Map<String, Path> links(Path spaces) {
        return Map.of(
                "extra",
                spaces.resolveSibling("extra"),
                "extra.conf",
                spaces.resolveSibling("conf").resolve("extra.conf"));
    }
}
