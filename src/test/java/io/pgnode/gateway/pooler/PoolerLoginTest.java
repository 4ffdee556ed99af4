package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerUnderTest.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.pgnode.testing.RealPostgres;
import io.pgnode.testing.Waiting;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.FrontendMessages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins through a pooler to a real server. */
class PoolerLoginTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ALICE = "alice's secret";
    private static final String BOB = "bob secret";
    private static final String QUERY = "auth_user = postgres\nauth_file = users.txt\n";

    private static final RealPostgres SERVER = RealPostgres.create("login");

    @TempDir Path dir = Path.of("");

    @BeforeAll
    static void startServer() throws Exception {
        SERVER.bootstrap();
        Files.writeString(
                SERVER.settings().dataDir().resolve("pg_hba.conf"),
                """
                local all all trust
                host all bob all md5
                host all trusted all trust
                host all all all scram-sha-256
                """);
        SERVER.sql("SELECT pg_reload_conf()");
        SERVER.sql("CREATE ROLE alice LOGIN PASSWORD 'alice''s secret'");
        SERVER.sql("SET password_encryption = md5; CREATE ROLE bob LOGIN PASSWORD 'bob secret'");
        SERVER.sql("CREATE ROLE carol LOGIN PASSWORD 'c' VALID UNTIL '2001-01-01'");
        SERVER.sql("CREATE ROLE dora NOLOGIN PASSWORD 'd'");
        SERVER.sql("CREATE ROLE trusted LOGIN");
        SERVER.sql("CREATE ROLE changing LOGIN PASSWORD 'old'");
    }

    @AfterAll
    static void stopServer() {
        SERVER.close();
    }

    private PoolerUnderTest start(String more) throws Exception {
        Path users = dir.resolve("users.txt");
        if (!Files.exists(users)) {
            Files.writeString(users, PoolerUnderTest.SUPERUSER_LINE);
        }
        return new PoolerUnderTest(dir, SERVER, more);
    }

    private static SQLException refused(PoolerUnderTest pooler, String user, String password) {
        SQLException refused =
                catchThrowableOfType(
                        SQLException.class, () -> pooler.connect(user, password).close());
        if (refused == null) {
            throw new AssertionError("was let in");
        }
        return refused;
    }

    // ---------------------------------------------------------------- roles

    @Test
    void scramIsVerifiedHereAndPassedThroughToTheServer() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\n" + QUERY);
                Connection connection = pooler.connect("alice", ALICE)) {
            assertThat(ask(connection, "SELECT current_user")).isEqualTo("alice");
        }
    }

    @Test
    void md5IsVerifiedHereAndPassedThroughToTheServer() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = md5\n" + QUERY);
                Connection bob = pooler.connect("bob", BOB);
                Connection alice = pooler.connect("alice", ALICE)) {
            assertThat(ask(bob, "SELECT current_user")).isEqualTo("bob");
            assertThat(ask(alice, "SELECT current_user")).isEqualTo("alice");
            assertThat(refused(pooler, "bob", "wrong").getSQLState()).isEqualTo("28P01");
        }
    }

    @Test
    void plainPasswordsAreCheckedAgainstEveryKindOfSecret() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = plain\n" + QUERY);
                Connection bob = pooler.connect("bob", BOB);
                Connection alice = pooler.connect("alice", ALICE)) {
            assertThat(ask(bob, "SELECT current_user")).isEqualTo("bob");
            assertThat(ask(alice, "SELECT current_user")).isEqualTo("alice");
            assertThat(refused(pooler, "alice", "wrong").getSQLState()).isEqualTo("28P01");
            assertThat(refused(pooler, "nobody", "wrong").getSQLState()).isEqualTo("28P01");
        }
    }

    @Test
    void plainSecretsOfTheListServeScram() throws Exception {
        Files.writeString(dir.resolve("users.txt"), "\"alice\" \"" + ALICE + "\"\n");
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\nauth_file = users.txt\n");
                Connection alice = pooler.connect("alice", ALICE)) {
            assertThat(ask(alice, "SELECT current_user")).isEqualTo("alice");
            assertThat(refused(pooler, "alice", "wrong").getSQLState()).isEqualTo("28P01");
        }
    }

    @ParameterizedTest
    @CsvSource({"alice, wrong", "nobody, x", "carol, c", "dora, d", "trusted, x"})
    void whoCannotLogInIsToldOnlyThat(String user, String password) throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\n" + QUERY)) {
            SQLException refused = refused(pooler, user, password);

            assertThat(refused.getSQLState()).isEqualTo("28P01");
            assertThat(refused.getMessage()).contains("password authentication failed");
        }
    }

    @Test
    void unknownRolesAreAskedLikeKnownOnesWithTheSameSaltEachTime() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\n" + QUERY)) {
            List<String> salts = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                try (LoginClient client = new LoginClient(pooler.port())) {
                    client.send(LoginClient.startup("user", "nobody", "database", "postgres"));
                    client.until('R');
                    client.send(
                            LoginClient.bytes(
                                    out ->
                                            FrontendMessages.saslInitialResponse(
                                                    out, "SCRAM-SHA-256", "n,,n=,r=abc")));
                    String answer = new String(client.until('R').body(), StandardCharsets.UTF_8);
                    salts.add(answer.replaceAll(".*,s=", ""));
                }
            }
            assertThat(salts.get(0)).isEqualTo(salts.get(1)).endsWith(",i=4096");
        }
    }

    @Test
    void aChangedPasswordCountsAtTheLatestAfterOneRefusal() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\n" + QUERY)) {
            pooler.connect("changing", "old").close();
            SERVER.sql("ALTER ROLE changing PASSWORD 'new'");
            try {
                pooler.connect("changing", "new").close();
            } catch (SQLException _) {
                try (Connection connection = pooler.connect("changing", "new")) {
                    assertThat(ask(connection, "SELECT 1")).isEqualTo("1");
                }
            }
            assertThat(refused(pooler, "changing", "old").getSQLState()).isEqualTo("28P01");
        } finally {
            SERVER.sql("ALTER ROLE changing PASSWORD 'old'");
        }
    }

    @Test
    void trustNeedsARoleThatIsKnown() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY);
                Connection connection = pooler.connect("trusted", "")) {
            assertThat(ask(connection, "SELECT current_user")).isEqualTo("trusted");
            SQLException refused = refused(pooler, "nobody", "");
            assertThat(refused.getMessage()).contains("no such user");
            assertThat(refused.getSQLState()).isEqualTo("28000");
        }
    }

    @Test
    void anUnknownDatabaseIsToldAfterTheLoginOnly() throws Exception {
        Files.writeString(dir.resolve("users.txt"), "\"alice\" \"" + ALICE + "\"\n");
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\nauth_file = users.txt\n")) {
            SQLException right =
                    catchThrowableOfType(
                            SQLException.class, () -> pooler.connectTo("nodb", "alice", ALICE));
            SQLException wrong =
                    catchThrowableOfType(
                            SQLException.class, () -> pooler.connectTo("nodb", "alice", "x"));

            assertThat(right.getMessage()).contains("no such database: nodb");
            assertThat(right.getSQLState()).isEqualTo("3D000");
            assertThat(wrong.getSQLState()).isEqualTo("28P01");
        }
    }

    @Test
    void aServerOutOfReachIsToldAsThat() throws Exception {
        int nobody = RealPostgres.freePort();
        try (PoolerUnderTest pooler =
                new PoolerUnderTest(
                        dir,
                        SERVER,
                        "away = host=127.0.0.1 port=" + nobody + " auth_user=postgres",
                        "auth_type = scram-sha-256\n")) {
            SQLException refused =
                    catchThrowableOfType(
                            SQLException.class, () -> pooler.connectTo("away", "alice", ALICE));

            assertThat(refused.getSQLState()).isEqualTo("57P03");
        }
    }

    // ---------------------------------------------------------------- HBA

    @Test
    void theHbaFileSaysHowEachIsAsked() throws Exception {
        Files.writeString(
                dir.resolve("hba.conf"),
                """
                host postgres trusted 127.0.0.0/8 trust
                host all bob 127.0.0.1/32 md5
                host all alice all scram-sha-256
                host all changing all reject
                """);
        try (PoolerUnderTest pooler = start("auth_type = hba\nauth_hba_file = hba.conf\n" + QUERY);
                Connection trusted = pooler.connect("trusted", "");
                Connection bob = pooler.connect("bob", BOB);
                Connection alice = pooler.connect("alice", ALICE)) {
            assertThat(ask(trusted, "SELECT current_user")).isEqualTo("trusted");
            assertThat(ask(bob, "SELECT current_user")).isEqualTo("bob");
            assertThat(ask(alice, "SELECT current_user")).isEqualTo("alice");
            assertThat(refused(pooler, "changing", "old").getMessage()).contains("login rejected");
            assertThat(refused(pooler, "postgres", "x").getSQLState()).isEqualTo("28000");
        }
    }

    @Test
    void thePeerOfAUnixSocketIsWhoTheMapSays() throws Exception {
        String me = System.getProperty("user.name");
        Files.writeString(dir.resolve("hba.conf"), "local all all peer map=m\n");
        Files.writeString(dir.resolve("ident.conf"), "m " + me + " trusted\n");
        try (PoolerUnderTest pooler =
                start(
                        "auth_type = hba\nauth_hba_file = hba.conf\nauth_ident_file = ident.conf\n"
                                + QUERY)) {
            assertThat(psql(pooler, "trusted")).contains("I am trusted");
            assertThat(psql(pooler, "alice")).contains("unix socket login rejected");
        }
    }

    private String psql(PoolerUnderTest pooler, String user) throws Exception {
        Process process =
                new ProcessBuilder(
                                RealPostgres.binDir().resolve("psql").toString(),
                                "-XAtw",
                                "-h",
                                dir.toString(),
                                "-p",
                                Integer.toString(pooler.port()),
                                "-U",
                                user,
                                "-d",
                                "postgres",
                                "-c",
                                "SELECT 'I am ' || current_user")
                        .redirectErrorStream(true)
                        .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    // ---------------------------------------------------------------- limits

    @Test
    void clientsBeyondTheLimitAreRefusedClearly() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\nmax_client_conn = 2\n" + QUERY)) {
            Connection first = pooler.connect("trusted", "");
            try (Connection second = pooler.connect("trusted", "")) {
                SQLException refused = refused(pooler, "trusted", "");

                assertThat(refused.getMessage())
                        .contains("no more connections allowed (max_client_conn)");
                assertThat(refused.getSQLState()).isEqualTo("53300");
                assertThat(ask(second, "SELECT 1")).isEqualTo("1");
            } finally {
                first.close();
            }
            Waiting.until(LIMIT, () -> "no room", () -> canConnect(pooler, "trusted"));
        }
    }

    private static boolean canConnect(PoolerUnderTest pooler, String user) {
        try (Connection connection = pooler.connect(user, "")) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void aUserBeyondItsLimitIsRefusedAndOthersAreNot() throws Exception {
        Files.writeString(
                dir.resolve("users.txt"), PoolerUnderTest.SUPERUSER_LINE + "\"trusted\" \"\"\n");
        try (PoolerUnderTest pooler =
                        start("auth_type = trust\nmax_user_client_connections = 1\n" + QUERY);
                Connection _ = pooler.connect("trusted", "");
                Connection _ = pooler.connect("postgres", "")) {
            SQLException refused = refused(pooler, "trusted", "");

            assertThat(refused.getMessage()).contains("max_user_client_connections");
            assertThat(refused.getSQLState()).isEqualTo("53300");
        }
    }

    @Test
    void serversOfADatabaseStayWithinTheirLimit() throws Exception {
        try (PoolerUnderTest pooler =
                        start(
                                "auth_type = trust\nmax_db_connections = 1\n"
                                        + "query_wait_timeout = 0.5\n"
                                        + QUERY);
                Connection holder = pooler.connect("trusted", "");
                Connection other = pooler.connect("trusted", "")) {
            holder.setAutoCommit(false);
            ask(holder, "SELECT 1");

            SQLException refused =
                    catchThrowableOfType(SQLException.class, () -> ask(other, "SELECT 1"));

            assertThat(refused.getMessage()).contains("query_wait_timeout");
            holder.commit();
        }
    }

    // ---------------------------------------------------------------- startup parameters

    @Test
    void everyStartupParameterIsASetting() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY);
                Connection one =
                        pooler.connect(
                                "trusted", "", "options", "-c search_path=a,b --work_mem=5MB");
                Connection two = pooler.connect("trusted", "", "ApplicationName", "two")) {
            for (int i = 0; i < 3; i++) {
                assertThat(ask(one, "SHOW search_path")).isEqualTo("a,b");
                assertThat(ask(one, "SHOW work_mem")).isEqualTo("5MB");
                assertThat(ask(two, "SHOW work_mem")).isNotEqualTo("5MB");
                assertThat(ask(two, "SHOW application_name")).isEqualTo("two");
            }
        }
    }

    // ---------------------------------------------------------------- bad clients

    @Test
    void aLoginMayComeByteByByte() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY);
                LoginClient client = new LoginClient(pooler.port())) {
            client.sendBytewise(LoginClient.startup("user", "trusted", "database", "postgres"));
            client.until('Z');
            client.sendBytewise(
                    LoginClient.bytes(out -> FrontendMessages.query(out, "SELECT 'bytewise'")));

            assertThat(new String(client.until('D').body(), StandardCharsets.UTF_8))
                    .contains("bytewise");
        }
    }

    /** What a client sends that does not wait for an answer to its first message. */
    private static byte[] startupAnd(String user, Consumer<ByteBuf> next) {
        return LoginClient.bytes(
                out -> {
                    out.writeBytes(LoginClient.startup("user", user, "database", "postgres"));
                    next.accept(out);
                });
    }

    @Test
    void aQueryMayComeWithTheLogin() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY);
                LoginClient client = new LoginClient(pooler.port())) {
            client.send(
                    startupAnd("trusted", out -> FrontendMessages.query(out, "SELECT 'at once'")));

            assertThat(new String(client.until('D').body(), StandardCharsets.UTF_8))
                    .contains("at once");
        }
    }

    @Test
    void aPasswordMayComeWithTheLogin() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = plain\n" + QUERY);
                LoginClient client = new LoginClient(pooler.port())) {
            client.send(startupAnd("alice", out -> FrontendMessages.password(out, ALICE)));

            assertThat(client.until('Z').tag()).isEqualTo('Z');
        }
    }

    /** The kernel keeps it until it speaks. */
    @Test
    void whoSaysNothingTakesNoPlace() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\nmax_client_conn = 1\n" + QUERY);
                LoginClient _ = new LoginClient(pooler.port());
                Connection speaking = pooler.connect("trusted", "")) {
            assertThat(ask(speaking, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aLoginThatTakesTooLongEnds() throws Exception {
        try (PoolerUnderTest pooler =
                        start(
                                "auth_type = scram-sha-256\nclient_login_timeout = 0.3\n"
                                        + "tcp_defer_accept = 0\n"
                                        + QUERY);
                LoginClient silent = new LoginClient(pooler.port());
                LoginClient slow = new LoginClient(pooler.port())) {
            slow.send(LoginClient.startup("user", "alice", "database", "postgres"));

            assertThat(silent.lastError().message()).isEqualTo("client_login_timeout");
            assertThat(slow.lastError().message()).isEqualTo("client_login_timeout");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000004", // too short
                "00000000",
                "80000008 00030000",
                "7fffffff 00030000 7573657200",
                "00002711 00030000", // longer than any startup packet
                "00000008 00020000", // protocol 2
                "00000008 04d20000", // unknown request
                "00000009 04d2162f 00", // TLS request with too much
                "0000000c 04d2162e 00000001", // half a cancel request
                "00000009 00030000 00", // no user
                "0000000e 00030000 757365720000", // terminator missing
                "00000010 00030000 7573657200616263", // a string without an end
                "474554202f20485454502f312e310d0a", // HTTP
                "1603010200010001fc0303", // TLS without being asked
            })
    void malformedLoginsGetAClearErrorAndDisturbNobody(String hex) throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY);
                Connection other = pooler.connect("trusted", "");
                LoginClient client = new LoginClient(pooler.port())) {
            client.send(java.util.HexFormat.of().parseHex(hex.replace(" ", "")));

            ErrorMessage error = client.lastError();

            assertThat(error.message()).isNotEmpty();
            assertThat(error.severity()).isEqualTo("FATAL");
            assertThat(ask(other, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void malformedProofsGetAClearError() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = scram-sha-256\n" + QUERY)) {
            for (byte[] answer :
                    List.of(
                            LoginClient.bytes(out -> FrontendMessages.query(out, "SELECT 1")),
                            LoginClient.bytes(out -> FrontendMessages.password(out, "x")),
                            LoginClient.bytes(
                                    out ->
                                            FrontendMessages.saslInitialResponse(
                                                    out, "SCRAM-SHA-1", "n,,n=,r=a")),
                            LoginClient.bytes(
                                    out ->
                                            FrontendMessages.saslInitialResponse(
                                                    out, "SCRAM-SHA-256", "nonsense")),
                            new byte[] {'p', 0x7F, 0, 0, 0},
                            new byte[] {'p', 0, 0, 0, 1})) {
                try (LoginClient client = new LoginClient(pooler.port())) {
                    client.send(LoginClient.startup("user", "alice", "database", "postgres"));
                    client.until('R');
                    client.send(answer);

                    ErrorMessage error = client.lastError();

                    assertThat(error.sqlState()).isEqualTo("08P01");
                    assertThat(error.message()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void anyBytesEndInAnErrorOrAnAnswer() throws Exception {
        try (PoolerUnderTest pooler =
                        start("auth_type = trust\nclient_login_timeout = 0.5\n" + QUERY);
                Connection other = pooler.connect("trusted", "")) {
            byte[] whole = LoginClient.startup("user", "trusted", "database", "postgres");
            for (int seed = 0; seed < 60; seed++) {
                Random random = new Random(seed);
                byte[] bytes = whole.clone();
                for (int i = 0; i < 1 + random.nextInt(3); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                try (LoginClient client = new LoginClient(pooler.port())) {
                    client.send(bytes);
                    client.socket().shutdownOutput();
                    var _ = client.lastError();
                }
            }
            assertThat(ask(other, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aStormOfLoginsEndsInLoginsAll() throws Exception {
        try (PoolerUnderTest pooler =
                        start("auth_type = scram-sha-256\nmax_client_conn = 500\n" + QUERY);
                ExecutorService threads = Executors.newFixedThreadPool(40)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(
                        threads.submit(
                                () -> {
                                    try (Connection one = pooler.connect("alice", ALICE)) {
                                        return ask(one, "SELECT 1");
                                    }
                                }));
            }
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isEqualTo("1");
            }
        }
    }

    // ---------------------------------------------------------------- reload

    @Test
    void aWrongFileChangesNothing() throws Exception {
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY)) {
            pooler.write(SERVER, "other = host=127.0.0.1", "auth_type = trust\nnonsense = 1\n");

            List<String> wrong = pooler.pooler().reload();

            assertThat(wrong).hasSize(1);
            assertThat(wrong.getFirst()).contains("unknown parameter: pgbouncer/nonsense");
            assertThat(canConnect(pooler, "trusted")).isTrue();
        }
    }

    @Test
    void aReloadBringsDatabasesAndTakesThem() throws Exception {
        var _ = usersWith("\"trusted\" \"\"");
        try (PoolerUnderTest pooler = start("auth_type = trust\n" + QUERY);
                Connection stays = pooler.connect("trusted", "")) {
            ask(stays, "SELECT 1");
            String other =
                    "other = host=127.0.0.1 dbname=template1 port=" + SERVER.settings().port();

            pooler.write(SERVER, other, "auth_type = trust\n" + QUERY);
            assertThat(pooler.pooler().reload()).isEmpty();
            try (Connection connection = pooler.connectTo("other", "trusted", "")) {
                assertThat(ask(connection, "SELECT current_database()")).isEqualTo("template1");
            }
            pooler.write(SERVER, "", "auth_type = trust\n" + QUERY);
            assertThat(pooler.pooler().reload()).isEmpty();

            SQLException gone =
                    catchThrowableOfType(
                            SQLException.class, () -> pooler.connectTo("other", "trusted", ""));
            assertThat(gone.getMessage()).contains("no such database: other");
            assertThat(ask(stays, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aDatabaseThatMovedGetsNewServers() throws Exception {
        String there = "moving = host=127.0.0.1 port=" + SERVER.settings().port() + " dbname=";
        try (PoolerUnderTest pooler =
                new PoolerUnderTest(
                        dir,
                        SERVER,
                        there + "postgres",
                        "auth_type = trust\n" + usersWith("\"trusted\" \"\""))) {
            try (Connection connection = pooler.connectTo("moving", "trusted", "")) {
                assertThat(ask(connection, "SELECT current_database()")).isEqualTo("postgres");
                pooler.write(SERVER, there + "template1", "auth_type = trust\n" + QUERY);
                assertThat(pooler.pooler().reload()).isEmpty();

                assertThat(ask(connection, "SELECT current_database()")).isEqualTo("template1");
            }
        }
    }

    private String usersWith(String line) throws Exception {
        Files.writeString(dir.resolve("users.txt"), PoolerUnderTest.SUPERUSER_LINE + line + "\n");
        return QUERY;
    }

    @Test
    void eachServerRunsTheConnectQuery() throws Exception {
        String line =
                "prepared = host=127.0.0.1 dbname=postgres port="
                        + SERVER.settings().port()
                        + " connect_query='SET my.mark = ''made''' timezone=Asia/Tokyo";
        try (PoolerUnderTest pooler =
                        new PoolerUnderTest(
                                dir,
                                SERVER,
                                line,
                                "auth_type = trust\n" + usersWith("\"trusted\" \"\""));
                Connection connection = pooler.connectTo("prepared", "trusted", "")) {
            assertThat(ask(connection, "SHOW my.mark")).isEqualTo("made");
        }
    }
}
