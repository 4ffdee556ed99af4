package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Runner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The processes of the JVM runner find their classes linked, in the AOT cache. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isJvm")
class AotCacheTest {
    /**
     * A dozen are never there, such as the events of JFR; a JDK of another build has a few more.
     */
    private static final int FEW = 40;

    /** What java's log says of a class that was read from a JAR file or from the JDK's image. */
    private static final List<String> FILES = List.of("source: file:", "source: jrt:");

    private static final String CACHE = "source: shared objects file";

    @TempDir Path directory;

    @Test
    void everyProcessOfANodeTakesItsClassesFromTheCache() throws Exception {
        String logs = directory.resolve("classes-%p.log").toString();
        try (PgnodeCluster cluster =
                new PgnodeCluster(1, "fast", PgnodeCluster.ASYNCHRONOUS)
                        .withGateways()
                        .withJavaOption("-Xlog:class+load:file=" + logs)) {
            cluster.start();
            try (Connection client = DriverManager.getConnection(cluster.serviceUrl(0, 5433));
                    Statement statement = client.createStatement()) {
                statement.execute("SELECT 1");
            }
        }

        List<Path> processes = list();
        assertThat(processes).as("supervisor, agent and gateway").hasSizeGreaterThanOrEqualTo(3);
        for (Path process : processes) {
            List<String> classes = Files.readAllLines(process);
            assertThat(classes)
                    .as("our own in the cache")
                    .anyMatch(line -> line.contains(" io.pgnode.") && line.contains(CACHE));
            assertThat(classes.stream().filter(AotCacheTest::isRead))
                    .as("not in the cache; make aot-classes records libraries anew")
                    .hasSizeLessThan(FEW);
        }
    }

    @Test
    void aCacheThatDoesNotFitIsNotMentioned() throws Exception {
        Path broken = Files.writeString(directory.resolve("app.aot"), "no cache");
        Path missing = directory.resolve("missing.aot");
        for (Path cache : List.of(broken, missing)) {
            List<String> command = new ArrayList<>(Runner.command());
            command.replaceAll(
                    option ->
                            option.startsWith("-XX:AOTCache=") ? "-XX:AOTCache=" + cache : option);
            command.add("version");

            assertThat(output(command)).matches("pgnode [0-9.]+\n");
        }
    }

    /** Picocli is in class files of Java 5, which no cache holds. */
    private static boolean isRead(String line) {
        return FILES.stream().anyMatch(line::contains) && !line.contains(" picocli.");
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log")).toList();
        }
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said;
    }
}
