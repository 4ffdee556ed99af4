package io.pgnode.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory that holds a demo. A file in it tells that it does: nothing else is touched. */
final class DemoDirectory {
    private static final String MARK = ".pgnode-demo";

    private DemoDirectory() {}

    /** Refuses a directory with something else in it. */
    static void check(Path directory) throws IOException {
        if (!Files.exists(directory) || Files.exists(directory.resolve(MARK))) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            if (files.anyMatch(file -> !file.endsWith("program"))) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "--dir " + directory + " is not empty, and holds no demo",
                        "give a new or empty directory");
            }
        }
    }

    static void create(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path mark = directory.resolve(MARK);
        if (!Files.exists(mark)) {
            Files.createFile(mark);
        }
    }

    /** Only what a demo has made. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
