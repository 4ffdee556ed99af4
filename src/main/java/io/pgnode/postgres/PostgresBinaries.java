package io.pgnode.postgres;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds PostgreSQL's programs where Debian, Red Hat and the PATH have them. */
public final class PostgresBinaries {
    private static final List<String> ROOTS = List.of("/usr/lib/postgresql", "/usr");

    private PostgresBinaries() {}

    /**
     * The directory of the version that made the data directory; the newest one's when there is no
     * data directory yet, or its version is not installed where packages put it.
     */
    public static Path find(String searchPath, Path dataDir) throws PostgresException {
        int wanted = versionOf(dataDir);
        for (Path found : installed()) {
            if (wanted > 0 && major(found) == wanted) {
                return found;
            }
        }
        return find(searchPath);
    }

    private static int versionOf(Path dataDir) {
        try {
            return Integer.parseInt(Files.readString(dataDir.resolve("PG_VERSION")).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static List<Path> installed() {
        List<Path> found = new ArrayList<>();
        for (String root : ROOTS) {
            found.addAll(versionsUnder(Path.of(root)));
        }
        return found;
    }

    /**
     * The newest installed version's directory.
     *
     * @param searchPath value of PATH, for a version elsewhere
     * @throws PostgresException when there is none
     */
    public static Path find(String searchPath) throws PostgresException {
        List<Path> found = installed();
        if (!found.isEmpty()) {
            return found.stream()
                    .max(Comparator.comparingInt(PostgresBinaries::major))
                    .orElseThrow();
        }
        for (String directory : searchPath.split(":", -1)) {
            Path path = Path.of(directory);
            if (isBinDir(path)) {
                return path;
            }
        }
        throw new PostgresException(
                "no PostgreSQL server programs under /usr/lib/postgresql, /usr/pgsql-* or in PATH",
                "install the server package, such as postgresql-17, or set postgres.bin-dir");
    }

    /** Whether the server program is in this directory. */
    public static boolean isBinDir(Path directory) {
        return Files.isExecutable(directory.resolve("postgres"));
    }

    private static List<Path> versionsUnder(Path root) {
        List<Path> found = new ArrayList<>();
        String glob = root.endsWith("usr") ? "pgsql-*" : "*";
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(root, glob)) {
            for (Path version : versions) {
                if (isBinDir(version.resolve("bin")) && major(version.resolve("bin")) > 0) {
                    found.add(version.resolve("bin"));
                }
            }
        } catch (IOException e) {
            return List.of(); // not there
        }
        return found;
    }

    /** From {@code /usr/lib/postgresql/15/bin} or {@code /usr/pgsql-15/bin}; zero when neither. */
    private static int major(Path binDir) {
        Path parent = binDir.getParent();
        if (parent == null || parent.getFileName() == null) {
            return 0;
        }
        String version = parent.getFileName().toString().replace("pgsql-", "");
        return version.chars().allMatch(Character::isDigit) && !version.isEmpty()
                ? Integer.parseInt(version)
                : 0;
    }
}
