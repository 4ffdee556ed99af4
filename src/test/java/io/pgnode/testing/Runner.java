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
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final Path NATIVE = Path.of("target/pgnode-runner");

    private Runner() {}

    /** The command without arguments; {@code -Dpgnode.runner=FILE} names another one. */
    public static List<String> command() {
        Path file = file();
        return isNative(file)
                ? List.of(file.toString())
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-jar",
                        file.toString());
    }

    /** The native binary, when that is what runs. */
    public static Optional<Path> nativeBinary() {
        return find().filter(Runner::isNative);
    }

    /** Whether there is anything to run. */
    public static boolean isBuilt() {
        return find().isPresent();
    }

    private static Path file() {
        return find().orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "neither "
                                                + NATIVE
                                                + " nor "
                                                + JAR
                                                + " is there\nHINT: mvn package -DskipTests"));
    }

    private static Optional<Path> find() {
        String named = System.getProperty("pgnode.runner", "");
        Stream<Path> candidates =
                named.isEmpty() ? Stream.of(NATIVE, JAR) : Stream.of(Path.of(named));
        return candidates
                .filter(Files::isRegularFile)
                .max(Comparator.comparing(Runner::modified))
                .map(Path::toAbsolutePath);
    }

    private static boolean isNative(Path file) {
        return !file.toString().endsWith(".jar");
    }

    private static java.nio.file.attribute.FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
