package io.pgnode.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A program of a later release than this system's, in a tree of its own, where {@code
 * packaging/bin/need-later} could unpack one.
 *
 * @param root where it was unpacked
 */
public record LaterPackage(Path root) {
    /**
     * The one of this name, when it has the program.
     *
     * @param name of the package
     * @param program below its tree, such as {@code usr/bin/pgbackrest}
     */
    public static Optional<LaterPackage> find(String name, String program) {
        String cache = System.getenv("TESTS_CACHE");
        if (cache == null) {
            return Optional.empty();
        }
        LaterPackage found = new LaterPackage(Path.of(cache, "pgnode", name));
        // Not isExecutable: it asks as a user without capabilities, whom root's home is closed to.
        return Files.isRegularFile(found.file(program)) ? Optional.of(found) : Optional.empty();
    }

    /** A file of it. */
    public Path file(String name) {
        return root.resolve(name);
    }
}
