package io.pgnode.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramTest {
    private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final ScramSecret SECRET =
            ScramSecret.of("pencil", SALT, ScramSecret.DEFAULT_ITERATIONS);

    /** The example of RFC 7677, whose client names its user. */
    @Test
    void verifiesTheExampleOfTheRfc() throws ProtocolViolation {
        ScramSecret secret =
                ScramSecret.of(
                        "pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        ScramServer server = new ScramServer(secret, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", null);

        String first = server.first("SCRAM-SHA-256", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        ScramServer.Verified verified =
                Objects.requireNonNull(
                        server.last(
                                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));

        assertThat(first)
                .isEqualTo(
                        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assertThat(verified.message()).isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    @Test
    void clientAndServerAgreeAndLeaveKeysBehindThatLogInElsewhere() throws ProtocolViolation {
        ScramServer.Verified verified =
                Objects.requireNonNull(exchange(ScramClient.withPassword("pencil", "abc")));

        assertThat(exchange(ScramClient.withKeys(verified.keys(), "def"))).isNotNull();
    }

    @Test
    void wrongPasswordIsNotVerified() throws ProtocolViolation {
        assertThat(exchange(ScramClient.withPassword("pencil2", "abc"))).isNull();
    }

    private static ScramServer.@Nullable Verified exchange(ScramClient client)
            throws ProtocolViolation {
        ScramServer server = new ScramServer(SECRET, "server", null);
        String first = server.first(ScramServer.MECHANISM, client.first());
        ScramServer.Verified verified = server.last(client.last(first));
        if (verified != null) {
            assertThat(client.isServerRight(verified.message())).isTrue();
            assertThat(client.isServerRight("v=AAAA")).isFalse();
        }
        return verified;
    }

    @Test
    void aClientRefusesAServerThatDoesNotContinueItsNonce() {
        ScramClient client = ScramClient.withPassword("pencil", "abc");

        assertThatThrownBy(() -> client.last("r=xyzserver,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
                .isInstanceOf(ProtocolViolation.class);
        assertThatThrownBy(() -> client.last("r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
                .isInstanceOf(ProtocolViolation.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,",
                "n,,",
                "n,,n=",
                "n,,n=,r=",
                "n,a=other,n=,r=abc",
                "p=tls-server-end-point,,n=,r=abc",
                "x,,n=,r=abc"
            })
    void malformedFirstMessagesAreRefused(String message) {
        assertThatThrownBy(
                        () ->
                                new ScramServer(SECRET, "server", null)
                                        .first(ScramServer.MECHANISM, message))
                .isInstanceOf(ProtocolViolation.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "p=",
                "c=biws,r=abcserver",
                "c=biws,r=abcserver,p=",
                "c=biws,r=abcserver,p=AAAA",
                "c=biws,r=abcserver,p=####",
                "c=eSws,r=abcserver,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            })
    void malformedLastMessagesAreRefused(String message) throws ProtocolViolation {
        ScramServer server = new ScramServer(SECRET, "server", null);
        server.first(ScramServer.MECHANISM, "n,,n=,r=abc");

        assertThatThrownBy(() -> server.last(message)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void storedFormIsReadBack() {
        assertThat(ScramSecret.parse(SECRET.format())).contains(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
                "SCRAM-SHA-256$0:W22Z$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "SCRAM-SHA-256$99999999:W22Z$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "SCRAM-SHA-256$99999999999:W22Z$AAAA:AAAA",
                "SCRAM-SHA-256$4096",
                "md5abc"
            })
    void implausibleSecretsAreNone(String text) {
        assertThat(ScramSecret.parse(text)).isEmpty();
    }

    @Test
    void md5AnswersAreAsPostgresqlComputesThem() {
        String stored = Md5Password.stored("alice", "secret");

        assertThat(stored).isEqualTo("md54a0a68b43b6cd5cf266fa02f196e2371");
        assertThat(Md5Password.isStored(stored)).isTrue();
        byte[] salt = {1, 2, 3, 4};
        assertThat(Md5Password.isRight(stored, salt, Md5Password.answer(stored, salt))).isTrue();
        assertThat(Md5Password.isRight(stored, salt, "md5")).isFalse();
    }

    @Test
    void secretsDoNotPrint() {
        assertThat(SECRET.toString()).doesNotContain("[B").contains("4096");
        assertThat(new ScramKeys(SALT, SALT).toString()).isEqualTo("ScramKeys");
    }
}
