package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.gateway.pooler.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsContextTest {
    @TempDir static Path dir = Path.of("");

    private static TlsFiles files(String key, String certificate, List<String> ciphers) {
        return new TlsFiles(
                dir.resolve(key),
                dir.resolve(certificate),
                dir.resolve("ca.crt"),
                List.of("TLSv1.3", "TLSv1.2"),
                ciphers);
    }

    @BeforeAll
    static void makeKeysOfAllForms() throws IOException, InterruptedException {
        TestCertificates certificates = new TestCertificates(dir);
        certificates.make("rsa", "localhost");
        certificates.makeEc("ec", "localhost");
        certificates.make("other", "localhost");
        certificates.openssl(
                "rsa", "-in", dir + "/rsa.key", "-traditional", "-out", dir + "/pkcs1.key");
        certificates.openssl("ec", "-in", dir + "/ec.key", "-out", dir + "/sec1.key");
        Files.writeString(dir.resolve("empty"), "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rsa.key rsa.crt", "pkcs1.key rsa.crt", "ec.key ec.crt", "sec1.key ec.crt"})
    void readsKeysAsOpensslWritesThem(String names) throws IOException {
        String[] both = names.split(" ", -1);

        TlsContext context = TlsContext.read(files(both[0], both[1], List.of()));

        assertThat(context.accepting(TlsContext.ClientCertificate.REQUIRED).getNeedClientAuth())
                .isTrue();
        assertThat(context.connecting("h", 1, true).getSSLParameters())
                .extracting(parameters -> parameters.getEndpointIdentificationAlgorithm())
                .isEqualTo("HTTPS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty rsa.crt", "rsa.key empty", "rsa.crt rsa.crt", "gone rsa.crt"})
    void saysWhichFileIsWrong(String names) {
        String[] both = names.split(" ", -1);
        String wrong = both[0].equals("rsa.key") ? both[1] : both[0];

        assertThatThrownBy(() -> TlsContext.read(files(both[0], both[1], List.of())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(dir.resolve(wrong).toString());
    }

    @Test
    void refusesCiphersThatItDoesNotKnow() {
        assertThatThrownBy(() -> TlsContext.read(files("rsa.key", "rsa.crt", List.of("TLS_NONE"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("TLS_NONE");
    }
}
