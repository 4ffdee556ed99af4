package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerUnderTest.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.pgnode.testing.RealPostgres;
import io.pgnode.wire.FrontendMessages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.SQLException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS of clients and towards servers, with a real server. */
class PoolerTlsTest {
    private static final RealPostgres SERVER = RealPostgres.create("tls");
    private static final String KEYS =
            "client_tls_key_file = pooler.key\nclient_tls_cert_file = pooler.crt\n";
    private static final String USERS = "auth_file = users.txt\nauth_user = postgres\n";

    @TempDir static Path keys = Path.of("");
    @TempDir Path dir = Path.of("");

    @BeforeAll
    static void start() throws Exception {
        TestCertificates certificates = new TestCertificates(keys);
        certificates.make("pooler", "localhost", "DNS:localhost");
        certificates.make("renewed", "renewed", "DNS:localhost");
        certificates.make("alice", "alice");
        certificates.make("server", "localhost", "DNS:localhost");
        certificates.openssl(
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-outform",
                "DER",
                "-in",
                keys + "/alice.key",
                "-out",
                keys + "/alice.pk8");
        SERVER.bootstrap();
        Path data = SERVER.settings().dataDir();
        Files.copy(keys.resolve("server.key"), data.resolve("s.key"));
        Files.copy(keys.resolve("server.crt"), data.resolve("s.crt"));
        Files.writeString(
                data.resolve("pg_hba.conf"),
                "local all all trust\nhost all alice all trust\nhost all all all scram-sha-256\n");
        SERVER.sql("ALTER SYSTEM SET ssl_cert_file = 's.crt'");
        SERVER.sql("ALTER SYSTEM SET ssl_key_file = 's.key'");
        SERVER.sql("ALTER SYSTEM SET ssl = on");
        SERVER.sql("SELECT pg_reload_conf()");
        SERVER.sql("CREATE ROLE alice LOGIN PASSWORD 'a'");
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private PoolerUnderTest pooler(String more) throws Exception {
        return pooler("", more);
    }

    private PoolerUnderTest pooler(String databases, String more) throws Exception {
        for (String name : new String[] {"pooler.key", "pooler.crt", "ca.crt"}) {
            Files.copy(keys.resolve(name), dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.writeString(dir.resolve("users.txt"), PoolerUnderTest.SUPERUSER_LINE);
        return new PoolerUnderTest(dir, SERVER, databases, USERS + more);
    }

    private static String[] tls(String mode) {
        return new String[] {"sslmode", mode, "sslrootcert", keys + "/ca.crt"};
    }

    private static String[] alice() {
        return new String[] {
            "sslmode",
            "verify-full",
            "sslrootcert",
            keys + "/ca.crt",
            "sslcert",
            keys + "/alice.crt",
            "sslkey",
            keys + "/alice.pk8"
        };
    }

    private static SQLException refused(PoolerUnderTest pooler, String user, String... more) {
        SQLException refused =
                catchThrowableOfType(
                        SQLException.class, () -> pooler.connect(user, "a", more).close());
        if (refused == null) {
            throw new AssertionError("was let in");
        }
        return refused;
    }

    @Test
    void allowedTlsIsSpokenWhenAskedFor() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler("auth_type = scram-sha-256\nclient_tls_sslmode = allow\n" + KEYS);
                Connection with = pooler.connect("alice", "a", tls("verify-full"));
                Connection without = pooler.connect("alice", "a")) {
            assertThat(ask(with, "SELECT repeat('x', 1000000)")).hasSize(1_000_000);
            assertThat(ask(without, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void withoutKeysTlsIsDeclined() throws Exception {
        try (PoolerUnderTest pooler = pooler("auth_type = scram-sha-256\n");
                Connection plain = pooler.connect("alice", "a", "sslmode", "prefer")) {
            assertThat(ask(plain, "SELECT 1")).isEqualTo("1");
            assertThat(refused(pooler, "alice", tls("require")).getMessage())
                    .contains("does not support SSL");
        }
    }

    @Test
    void requiredTlsRefusesLoginsWithoutIt() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler("auth_type = scram-sha-256\nclient_tls_sslmode = require\n" + KEYS);
                Connection with = pooler.connect("alice", "a", tls("require"))) {
            SQLException refused = refused(pooler, "alice");

            assertThat(refused.getMessage()).contains("SSL required");
            assertThat(refused.getSQLState()).isEqualTo("28000");
            assertThat(ask(with, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aLoginMayBindToTheTlsChannel() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler("auth_type = scram-sha-256\nclient_tls_sslmode = require\n" + KEYS);
                Connection bound =
                        pooler.connect(
                                "alice", "a", "sslmode", "require", "channelBinding", "require")) {
            assertThat(ask(bound, "SELECT current_user")).isEqualTo("alice");
        }
    }

    @Test
    void aCertificateIsALogin() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler(
                                "auth_type = cert\nclient_tls_sslmode = verify-full\n"
                                        + "client_tls_ca_file = ca.crt\n"
                                        + KEYS);
                Connection connection = pooler.connect("alice", "", alice())) {
            assertThat(ask(connection, "SELECT current_user")).isEqualTo("alice");
            assertThat(refused(pooler, "postgres", alice()).getMessage())
                    .contains("TLS certificate name mismatch");
            assertThat(refused(pooler, "alice", tls("require")).getMessage()).isNotEmpty();
            assertThat(refused(pooler, "alice").getSQLState()).isEqualTo("28000");
        }
    }

    @Test
    void bytesBeforeTheHandshakeAreRefused() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler("auth_type = trust\nclient_tls_sslmode = require\n" + KEYS);
                LoginClient client = new LoginClient(pooler.port())) {
            client.send(
                    LoginClient.bytes(
                            out -> {
                                FrontendMessages.tlsRequest(out);
                                out.writeBytes(
                                        LoginClient.startup(
                                                "user", "alice", "database", "postgres"));
                            }));

            assertThat(client.lastError().message())
                    .isEqualTo("received unencrypted data after SSL request");
        }
    }

    @Test
    void aBrokenHandshakeDisturbsNobody() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler("auth_type = scram-sha-256\nclient_tls_sslmode = allow\n" + KEYS);
                Connection other = pooler.connect("alice", "a", tls("require"));
                LoginClient client = new LoginClient(pooler.port())) {
            client.send(LoginClient.bytes(FrontendMessages::tlsRequest));
            assertThat(client.read()).isEqualTo('S');
            client.send("this is no TLS at all".getBytes(StandardCharsets.UTF_8));
            while (client.read() >= 0) {
                // An alert, then the end.
            }
            assertThat(ask(other, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void tlsMayBeginWithoutBeingAskedFor() throws Exception {
        try (PoolerUnderTest pooler =
                        pooler("auth_type = trust\nclient_tls_sslmode = require\n" + KEYS);
                SSLSocket named = handshake(pooler, true, "postgresql");
                SSLSocket nameless = handshake(pooler, true, "")) {
            named.getOutputStream()
                    .write(LoginClient.startup("user", "alice", "database", "postgres"));
            assertThat(named.getInputStream().read()).isEqualTo('R');
            nameless.getOutputStream()
                    .write(LoginClient.startup("user", "alice", "database", "postgres"));
            assertThat(nameless.getInputStream().read()).isEqualTo('E');
        }
    }

    @Test
    void aReloadBringsTheNewCertificate() throws Exception {
        try (PoolerUnderTest pooler =
                pooler("auth_type = trust\nclient_tls_sslmode = allow\n" + KEYS)) {
            assertThat(subject(pooler)).contains("CN=localhost");
            for (String end : new String[] {".key", ".crt"}) {
                Files.copy(
                        keys.resolve("renewed" + end),
                        dir.resolve("pooler" + end),
                        StandardCopyOption.REPLACE_EXISTING);
            }

            assertThat(pooler.pooler().reload()).isEmpty();

            assertThat(subject(pooler)).contains("CN=renewed");
            Files.writeString(dir.resolve("pooler.crt"), "broken");
            assertThat(pooler.pooler().reload()).hasSize(1);
            assertThat(subject(pooler)).contains("CN=renewed");
        }
    }

    private static String subject(PoolerUnderTest pooler) throws Exception {
        try (SSLSocket socket = handshake(pooler, false, "")) {
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .toString();
        }
    }

    private static SSLSocket handshake(PoolerUnderTest pooler, boolean isDirect, String protocol)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());
        LoginClient client = new LoginClient(pooler.port());
        if (!isDirect) {
            client.send(LoginClient.bytes((ByteBuf out) -> FrontendMessages.tlsRequest(out)));
            assertThat(client.read()).isEqualTo('S');
        }
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(client.socket(), "localhost", pooler.port(), true);
        if (!protocol.isEmpty()) {
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        return socket;
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    // ---------------------------------------------------------------- towards servers

    private static final String IS_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    private static String byName() {
        return "named = host=localhost dbname=postgres port=" + SERVER.settings().port();
    }

    @Test
    void serversAreSpokenToInTlsByDefault() throws Exception {
        try (PoolerUnderTest pooler = pooler("auth_type = trust\n");
                Connection connection = pooler.connect("alice", "")) {
            assertThat(ask(connection, IS_TLS)).isEqualTo("t");
        }
    }

    @Test
    void serversAreSpokenToWithoutTlsWhereItIsOff() throws Exception {
        try (PoolerUnderTest pooler = pooler("auth_type = trust\nserver_tls_sslmode = disable\n");
                Connection connection = pooler.connect("alice", "")) {
            assertThat(ask(connection, IS_TLS)).isEqualTo("f");
        }
    }

    @Test
    void theServersCertificateMustBeForItsName() throws Exception {
        try (PoolerUnderTest pooler =
                pooler(
                        byName(),
                        "auth_type = trust\nserver_tls_sslmode = verify-full\n"
                                + "server_tls_ca_file = ca.crt\n")) {
            try (Connection connection = pooler.connectTo("named", "alice", "")) {
                assertThat(ask(connection, IS_TLS)).isEqualTo("t");
            }
            SQLException refused = refused(pooler, "alice");
            assertThat(refused.getSQLState()).isEqualTo("57P03");
        }
    }

    @Test
    void theServersCertificateMustBeOfOurAuthority() throws Exception {
        Path other = Files.createDirectory(dir.resolve("other"));
        new TestCertificates(other);
        try (PoolerUnderTest pooler =
                pooler(
                        byName(),
                        "auth_type = trust\nserver_tls_sslmode = verify-ca\n"
                                + "server_tls_ca_file = other/ca.crt\n")) {
            SQLException refused =
                    catchThrowableOfType(
                            SQLException.class, () -> pooler.connectTo("named", "alice", ""));
            assertThat(refused.getSQLState()).isEqualTo("57P03");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
