package io.pgnode.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The built product: the native binary or the JVM runner, whichever was built last. */
public final class Runner {
    private static final String PROPERTY = "pgnode.runner";
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final Path NATIVE = Path.of("target/pgnode-runner");

    private Runner() {}

    /**
     * The command without arguments; {@code -Dpgnode.runner=FILE} names another one. The JVM
     * runner's takes its classes from the AOT cache beside the JAR file, as packaging/bin/pgnode
     * does.
     */
    public static List<String> command() {
        Path file = file();
        return isNative(file)
                ? List.of(file.toString())
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-XX:AOTCache=" + file.resolveSibling("app.aot"),
                        "-Xlog:aot*=off",
                        "-jar",
                        file.toString());
    }

    /** Everything that is built: the native binary, then the JVM runner. */
    public static List<Path> built() {
        return Stream.of(NATIVE, JAR)
                .filter(Files::isRegularFile)
                .map(Path::toAbsolutePath)
                .toList();
    }

    /** Runs this one from now on. */
    public static void use(Path runner) {
        System.setProperty(PROPERTY, runner.toString());
    }

    /**
     * Whether there is anything to run.
     *
     * @throws IllegalStateException when one was named and is not there
     */
    public static boolean isBuilt() {
        String named = System.getProperty(PROPERTY, "");
        if (!named.isEmpty() && !Files.isRegularFile(Path.of(named))) {
            throw new IllegalStateException("-D" + PROPERTY + "=" + named + ": no such file");
        }
        return find().isPresent();
    }

    /** Whether what would run is there, and is the JVM runner. */
    public static boolean isJvm() {
        return isBuilt() && !isNative(file());
    }

    public static boolean isNative(Path runner) {
        return !runner.toString().endsWith(".jar");
    }

    private static Path file() {
        return find().orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "neither "
                                                + NATIVE
                                                + " nor "
                                                + JAR
                                                + " is there\nHINT: make jvm"));
    }

    private static Optional<Path> find() {
        String named = System.getProperty(PROPERTY, "");
        Stream<Path> candidates =
                named.isEmpty() ? Stream.of(NATIVE, JAR) : Stream.of(Path.of(named));
        return candidates
                .filter(Files::isRegularFile)
                .max(Comparator.comparing(Runner::modified))
                .map(Path::toAbsolutePath);
    }

    private static java.nio.file.attribute.FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
