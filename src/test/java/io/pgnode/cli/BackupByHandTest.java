package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Backups by hand, of a primary and of its standby, with the DCS and while it is away. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupByHandTest {
    private static final int LIMIT_SECONDS = 120;

    @TempDir private static Path directory;
    private static RealPostgres primary;
    private static RealPostgres standby;
    private static PgBackRest.Configured stock;
    private static CliHarness cli;
    private static Path ofPrimary;
    private static Path ofStandby;

    @BeforeAll
    static void start() throws Exception {
        primary = PgBackRest.server("hand", Map.of()).bootstrap();
        standby = PgBackRest.server("hand-2", Map.of());
        standby.cloneOf(primary);
        stock = PgBackRest.stock().with(directory, Map.of(), primary);
        ofPrimary = BackupNodeFile.write(directory, 1, primary, stock, "");
        ofStandby = BackupNodeFile.write(directory, 2, standby, stock, "");
        cli =
                new CliHarness()
                        .cluster(
                                "pg-test-1",
                                "{\"ttl\":10}",
                                List.of(BackupNodeFile.primary(primary)));
        must(ofPrimary, "backup", "stanza-create");
        stock.archive(primary);
    }

    @AfterAll
    static void stop() {
        standby.close();
        primary.close();
    }

    private static CliHarness.Run run(Path config, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-c", config.toString()));
        return cli.run(all.toArray(String[]::new));
    }

    private static CliHarness.Run must(Path config, String... args) {
        CliHarness.Run run = run(config, args);
        assertThat(run.code()).as("%s: %s%s", List.of(args), run.out(), run.err()).isZero();
        return run;
    }

    @Test
    @Order(1)
    void withoutTheDcsThePrimaryIsBackedUpWhenAskedTo() {
        cli.away(true);
        try {
            CliHarness.Run refused = run(ofPrimary, "backup", "full");
            assertThat(refused.code()).isEqualTo(ExitCode.UNAVAILABLE.code());
            assertThat(refused.err()).contains("connection refused").contains("--no-dcs");
            assertThat(must(ofPrimary, "backup", "full", "--no-dcs").out())
                    .containsPattern("repo1: full backup \\d{8}-\\d{6}F: ");
        } finally {
            cli.away(false);
        }
        stock.must("verify");
    }

    @Test
    @Order(2)
    void standbyNeedsToKnowThePrimary() {
        cli.away(true);
        try {
            CliHarness.Run refused = run(ofStandby, "backup", "diff", "--no-dcs");
            assertThat(refused.code()).isEqualTo(ExitCode.REFUSED.code());
            assertThat(refused.err()).contains("is a standby").contains("--primary HOST");
            CliHarness.Run itself =
                    run(
                            ofStandby,
                            "backup",
                            "diff",
                            "--no-dcs",
                            "--primary",
                            standby.settings().connectAddress().toString());
            assertThat(itself.err()).contains("is a standby");
            assertThat(
                            must(
                                            ofStandby,
                                            "backup",
                                            "diff",
                                            "--no-dcs",
                                            "--primary",
                                            primary.settings().connectAddress().toString())
                                    .out())
                    .containsPattern("repo1: diff backup ");
        } finally {
            cli.away(false);
        }
        assertThat(run(ofStandby, "backup", "diff", "--primary", "127.0.0.1").err())
                .contains("together with --no-dcs");
        assertThat(run(ofStandby, "backup", "diff", "--no-dcs", "--primary", "a:b").code())
                .isEqualTo(ExitCode.USAGE.code());
        stock.must("verify");
    }

    @Test
    @Order(3)
    void theDcsTellsAStandbyWhoLeads() {
        assertThat(must(ofStandby, "backup", "diff").out()).containsPattern("repo1: diff backup ");
        assertThat(must(ofPrimary, "backup", "list", "-o", "tsv").out()).contains("\tdiff\t");
    }

    /** Also what there is to see on a terminal meanwhile. */
    @Test
    @Order(4)
    void signalsEndABackupThatTheNextOneResumes() throws Exception {
        Path slow =
                BackupNodeFile.write(
                        directory, 3, primary, stock, "  throttle: 6MB\n  workers: 1\n");
        Ended byUser = ended("INT", slow);
        assertThat(byUser.code()).isEqualTo(ExitCode.INTERRUPTED.code());
        assertThat(byUser.text())
                .containsPattern("copying  [0-9.]+ MB of [0-9.]+ MB  [0-9]+ %  [0-9.]+ MB/s  ")
                .containsPattern("[0-9]+ s left")
                .contains("stopped by Ctrl-C")
                .contains("the next backup goes on where this one ended");
        Ended byKill = ended("TERM", slow);
        assertThat(byKill.code()).isEqualTo(ExitCode.TERMINATED.code());
        assertThat(byKill.text()).contains("goes on\n").contains("stopped by SIGTERM");
        CliHarness.Run last = must(ofPrimary, "backup", "full");
        assertThat(last.err()).containsPattern("the unfinished backup \\d{8}-\\d{6}F goes on");
        stock.must("verify");
    }

    /** An exit code, and what was on the terminal. */
    private record Ended(int code, String text) {}

    /** On a terminal, and sent a signal in the middle. */
    private static Ended ended(String signal, Path config) throws Exception {
        Path pid = directory.resolve("pid");
        Path typescript = directory.resolve("typescript");
        Files.deleteIfExists(pid);
        Files.deleteIfExists(typescript);
        String java =
                "echo $$ > %s; exec %s --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -Djava.util.logging.manager=org.jboss.logmanager.LogManager"
                        .formatted(pid, Path.of(System.getProperty("java.home"), "bin", "java"));
        ProcessBuilder builder =
                new ProcessBuilder(
                        "script",
                        "--quiet",
                        "--return",
                        "--flush",
                        "--command",
                        java
                                + " "
                                + PlainMain.class.getName()
                                + " backup full --no-dcs -c "
                                + config,
                        typescript.toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("SHELL", "/bin/sh");
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (!text(typescript).contains("s left")) {
                assertThat(process.isAlive()).as(text(typescript)).isTrue();
                assertThat(System.nanoTime()).as(text(typescript)).isLessThan(end);
                Thread.sleep(50);
            }
            String number = Files.readString(pid).strip();
            assertThat(new ProcessBuilder("kill", "-" + signal, number).start().waitFor()).isZero();
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), text(typescript).replace("\r\n", "\n"));
    }

    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    }
}
