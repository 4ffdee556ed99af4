package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the archiver listens, found without reading YAML: {@code PGNODE_RUN_DIR}, then the line of
 * the configuration that begins with {@code run-dir:}, then the default. A value that is not plain
 * text or quoted text is left to the one who reads the whole file.
 */
final class ArchiverSocket {
    private static final String KEY = "run-dir:";
    private static final String DEFAULT = "/run/pgnode";

    /** A configuration has at most 1 MiB. */
    private static final int MAX_LINES = 100_000;

    private ArchiverSocket() {}

    /**
     * @throws IOException when the configuration cannot be read
     */
    static Path find(Path configuration, Map<String, String> environment, ArchiveMain.Loader loader)
            throws IOException, BackupException {
        String directory = environment.getOrDefault("PGNODE_RUN_DIR", "");
        if (!directory.isEmpty()) {
            return Path.of(directory).resolve(ArchiveSettings.SOCKET);
        }
        Optional<String> line = line(configuration);
        if (line.isEmpty()) {
            return Path.of(DEFAULT).resolve(ArchiveSettings.SOCKET);
        }
        Optional<String> value = value(line.get().substring(KEY.length()).strip());
        return value.isPresent()
                ? Path.of(value.get()).resolve(ArchiveSettings.SOCKET)
                : loader.load(configuration, false).socket();
    }

    private static Optional<String> line(Path configuration) throws IOException {
        try (BufferedReader lines =
                Files.newBufferedReader(configuration, StandardCharsets.UTF_8)) {
            int count = 0;
            for (String line = lines.readLine();
                    line != null && count < MAX_LINES;
                    line = lines.readLine(), count++) {
                if (line.startsWith(KEY)) {
                    return Optional.of(line);
                }
            }
        }
        return Optional.empty();
    }

    /** Empty when it takes YAML to understand it. */
    static Optional<String> value(String text) {
        if (text.startsWith("/")) {
            int comment = text.indexOf(" #");
            return Optional.of((comment < 0 ? text : text.substring(0, comment)).strip());
        }
        char quote = text.isEmpty() ? 0 : text.charAt(0);
        int end = text.length() < 2 ? -1 : text.indexOf(quote, 1);
        if ((quote == '"' || quote == '\'')
                && end > 1
                && text.charAt(1) == '/'
                && text.indexOf('\\') < 0
                && (text.length() == end + 1 || text.startsWith(" ", end + 1))) {
            return Optional.of(text.substring(1, end));
        }
        return Optional.empty();
    }
}
