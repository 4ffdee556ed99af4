package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** pgbench in all its protocols: no transaction fails, and none is lost. */
class PgbenchTest {
    private static final int CLIENTS = 12;
    private static final Pattern PROCESSED = Pattern.compile("actually processed: (\\d+)");

    private static PoolerRig transactions;
    private static PoolerRig sessions;
    private static Path keys;
    private static Path script;

    @BeforeAll
    static void start() throws Exception {
        keys = Files.createTempDirectory("pgnode-pgbench");
        new TestCertificates(keys).make("pooler", "localhost", "DNS:localhost");
        String tls =
                "client_tls_sslmode = allow\nclient_tls_key_file = %s\nclient_tls_cert_file = %s\n"
                        .formatted(keys.resolve("pooler.key"), keys.resolve("pooler.crt"));
        String quiet = "log_connections = 0\nlog_disconnections = 0\n";
        transactions = PoolerRig.start("pool_size=4", "pool_mode = transaction\n" + tls + quiet);
        sessions = transactions.another("pool_size=16", "pool_mode = session\n" + tls + quiet);
        Programs.pgbench(sessions.port(), "disable", "-i", "-q");
        script = keys.resolve("pipeline.sql");
        Files.writeString(
                script,
                """
                \\set aid random(1, 100000)
                \\set delta random(-5000, 5000)
                \\startpipeline
                BEGIN;
                UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
                SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
                UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = 1;
                END;
                \\endpipeline
                """);
    }

    @AfterAll
    static void stop() throws IOException {
        sessions.close();
        transactions.close();
        for (String name : keys.toFile().list()) {
            Files.delete(keys.resolve(name));
        }
        Files.delete(keys);
    }

    static List<Arguments> ways() {
        List<Arguments> all = new ArrayList<>();
        for (String mode : List.of("simple", "extended", "prepared")) {
            for (boolean isTls : List.of(false, true)) {
                for (boolean isSession : List.of(false, true)) {
                    for (String what : List.of("tpcb", "select", "connect", "pipeline")) {
                        if (!what.equals("pipeline") || !mode.equals("simple")) {
                            all.add(Arguments.of(mode, isTls, isSession, what));
                        }
                    }
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void noTransactionFails(String mode, boolean isTls, boolean isSession, String what)
            throws Exception {
        int each = what.equals("connect") ? 10 : what.equals("tpcb") ? 30 : 100;
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "-n",
                                "-M",
                                mode,
                                "-c",
                                "" + CLIENTS,
                                "-j",
                                "" + CLIENTS,
                                "-t",
                                "" + each));
        options.addAll(
                switch (what) {
                    case "select" -> List.of("-S");
                    case "connect" -> List.of("-S", "-C");
                    case "pipeline" -> List.of("-f", script.toString());
                    default -> List.of();
                });
        int port = isSession ? sessions.port() : transactions.port();

        String output =
                Programs.pgbench(
                        port, isTls ? "require" : "disable", options.toArray(String[]::new));

        Matcher processed = PROCESSED.matcher(output);
        assertThat(processed.find()).as(output).isTrue();
        assertThat(Integer.parseInt(processed.group(1))).isEqualTo(CLIENTS * each);
        assertThat(output).contains("number of failed transactions: 0");
    }
}
