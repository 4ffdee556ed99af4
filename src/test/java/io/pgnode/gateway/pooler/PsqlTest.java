package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** psql, in both modes. */
class PsqlTest {
    private static PoolerRig transactions;
    private static PoolerRig sessions;

    @TempDir Path dir = Path.of("");

    @BeforeAll
    static void start() throws Exception {
        transactions = PoolerRig.start("pool_size=2", "pool_mode = transaction\n");
        sessions = transactions.another("pool_size=4", "pool_mode = session\n");
    }

    @AfterAll
    static void stop() {
        sessions.close();
        transactions.close();
    }

    static Stream<Integer> ports() {
        return Stream.of(transactions.port(), sessions.port());
    }

    @ParameterizedTest
    @MethodSource("ports")
    void copyGoesBothWays(int port) throws Exception {
        Path file = dir.resolve("rows");
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            rows.append(i).append("\tsome text of row ").append(i).append('\n');
        }
        Files.writeString(file, rows);
        Path back = dir.resolve("back");
        String output =
                Programs.psql(
                        port,
                        """
                        CREATE TABLE copied (a int, b text);
                        \\copy copied FROM '%s'
                        SELECT count(*) FROM copied;
                        COPY copied FROM STDIN;
                        -1\tby hand
                        \\.
                        SELECT b FROM copied WHERE a < 0;
                        DELETE FROM copied WHERE a < 0;
                        \\copy (SELECT * FROM copied ORDER BY a) TO '%s'
                        COPY (SELECT 'to stdout') TO STDOUT;
                        DROP TABLE copied;
                        """
                                .formatted(file, back));
        assertThat(output).isEqualTo("100000\nby hand\nto stdout\n");
        assertThat(back).hasSameTextualContentAs(file);
    }

    @ParameterizedTest
    @MethodSource("ports")
    void aFailedCopyLeavesTheConnectionUsable(int port) throws Exception {
        String output =
                Programs.psql(
                        port,
                        """
                        \\set ON_ERROR_STOP 0
                        CREATE TABLE not_copied (a int);
                        COPY not_copied FROM STDIN;
                        1
                        x
                        3
                        \\.
                        SELECT 'still', count(*) FROM not_copied;
                        DROP TABLE not_copied;
                        """);
        assertThat(output).contains("invalid input syntax").endsWith("still|0\n");
    }

    @ParameterizedTest
    @MethodSource("ports")
    void cursorsAreRead(int port) throws Exception {
        assertThat(
                        Programs.psql(
                                port,
                                """
                                BEGIN;
                                DECLARE c SCROLL CURSOR FOR SELECT i FROM generate_series(1, 1000) i;
                                FETCH 2 FROM c;
                                MOVE 500 FROM c;
                                FETCH 1 FROM c;
                                FETCH BACKWARD 1 FROM c;
                                CLOSE c;
                                COMMIT;
                                \\set FETCH_COUNT 100
                                SELECT i FROM generate_series(1, 1000) i WHERE i % 333 = 0;
                                """))
                .isEqualTo("1\n2\n503\n502\n333\n666\n999\n");
    }

    @ParameterizedTest
    @MethodSource("ports")
    void largeObjectsComeBackAsTheyWere(int port) throws Exception {
        byte[] bytes = new byte[3_000_000];
        new java.util.Random(1).nextBytes(bytes);
        Path in = Files.write(dir.resolve("object"), bytes);
        Path out = dir.resolve("object-back");
        String output =
                Programs.psql(
                        port,
                        """
                        \\lo_import '%s'
                        \\lo_export :LASTOID '%s'
                        SELECT length(lo_get(:LASTOID));
                        \\lo_unlink :LASTOID
                        """
                                .formatted(in, out));
        assertThat(output).contains("3000000");
        assertThat(Files.readAllBytes(out)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("ports")
    void aWatchGoesOn(int port) throws Exception {
        watch(
                port,
                "SELECT 'again' \\watch 0.1\n",
                lines -> {
                    for (int i = 0; i < 8; i++) {
                        assertThat(next(lines, "again")).isEqualTo("again");
                    }
                });
        assertThat(
                        Programs.psql(
                                port,
                                "SELECT 'SELECT ' || i FROM generate_series(1, 5) i \\gexec\n"))
                .isEqualTo("1\n2\n3\n4\n5\n");
    }

    @Test
    void notificationsArriveInSessionMode() throws Exception {
        watch(
                sessions.port(),
                "LISTEN news;\nSELECT 'listens';\n" + "SELECT pg_sleep(0.1);\n".repeat(200),
                lines -> {
                    next(lines, "listens");
                    try {
                        Programs.psql(transactions.port(), "NOTIFY news, 'it rains'\n");
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    assertThat(next(lines, "Asynchronous")).contains("\"news\"", "it rains");
                });
    }

    private static String next(BufferedReader lines, String with) {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(with)) {
                    return line;
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("nothing more, and no " + with);
    }

    /** Runs psql until the consumer has seen enough. */
    private static void watch(int port, String script, Consumer<BufferedReader> reader)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(Programs.postgres("psql").toString(), "-XqAt", "-f", "-"));
        builder.environment().putAll(Programs.environment(port, "disable"));
        Process process = builder.redirectErrorStream(true).start();
        try (BufferedReader lines = process.inputReader()) {
            process.outputWriter().append(script).close();
            reader.accept(lines);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSessionKeepsWhatItSets() throws Exception {
        assertThat(
                        Programs.psql(
                                sessions.port(),
                                """
                                SET search_path = pg_catalog;
                                CREATE TEMP TABLE mine AS SELECT 1 AS a;
                                SELECT pg_advisory_lock(5);
                                PREPARE p AS SELECT a FROM mine;
                                EXECUTE p;
                                SHOW search_path;
                                """))
                .isEqualTo("\n1\npg_catalog\n");
        assertThat(Programs.psql(sessions.port(), "SHOW search_path;SELECT to_regclass('mine')\n"))
                .isEqualTo("\"$user\", public\n\n");
        assertThat(
                        Programs.psql(
                                transactions.port(),
                                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'\n"))
                .isEqualTo("0\n");
    }

    @ParameterizedTest
    @MethodSource("ports")
    void errorsAreThoseOfTheServer(int port) {
        assertThatThrownBy(() -> Programs.psql(port, "SELECT 1 / 0;\n"))
                .hasMessageContaining("division by zero");
    }
}
