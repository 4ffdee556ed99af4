package io.pgnode.gateway.pooler.ini;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No key is accepted in silence: each has an effect, or a warning. */
class IniKeysTest {
    /** Values that a key can have, where not any will do. */
    private static final Map<String, String> SAMPLES =
            Map.of(
                    "unix_socket_mode", "0700",
                    "tcp_defer_accept", "0",
                    "auth_type", "trust",
                    "client_tls_protocols", "tlsv1.2",
                    "server_tls_protocols", "tlsv1.2",
                    "client_tls_ciphers", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "client_tls13_ciphers", "TLS_AES_256_GCM_SHA384",
                    "server_tls_ciphers", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "server_tls13_ciphers", "TLS_AES_256_GCM_SHA384",
                    "client_tls_sslmode", "require");

    @TempDir Path dir = Path.of("");

    static Stream<IniKey> keys() {
        return IniKeys.all().values().stream();
    }

    private PoolerIni read(String line) throws Exception {
        Path file = dir.resolve("pgbouncer.ini");
        Files.writeString(
                file,
                """
                [databases]
                app = host=/tmp
                [pgbouncer]
                client_tls_key_file = /k
                client_tls_cert_file = /c
                %s
                """
                        .formatted(line));
        return PoolerIniReader.read(file);
    }

    private static String other(IniKey key) {
        String sample = SAMPLES.get(key.name());
        if (sample != null) {
            return sample;
        }
        return switch (key.kind()) {
            case TEXT -> "sample";
            case SWITCH -> key.usual().equals("1") ? "0" : "1";
            case NUMBER, SECONDS -> {
                long usual = Long.parseLong(key.usual());
                yield Long.toString(usual < key.most() ? usual + 1 : usual - 1);
            }
            case CHOICE ->
                    key.choices().stream()
                            .filter(choice -> !choice.equals(key.usual()))
                            .findFirst()
                            .orElseThrow();
        };
    }

    /** All that is read, as text; without what is only shown. */
    private static String effects(PoolerIni ini) {
        return Stream.of(
                        ini.listening(),
                        ini.sizes(),
                        ini.auth(),
                        ini.health(),
                        ini.times(),
                        ini.clientTls(),
                        ini.serverTls(),
                        ini.logged(),
                        ini.startup(),
                        Objects.requireNonNull(ini.databases().get("app")).poolMode())
                .map(String::valueOf)
                .toList()
                .toString();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aKeyHasAnEffectOrOneWarning(IniKey key) throws Exception {
        PoolerIni usual = read("");
        PoolerIni changed = read(key.name() + " = " + other(key));

        List<String> warnings = changed.warnings().stream().map(IniProblem::message).toList();
        if (key.hasEffect()) {
            assertThat(warnings).isEmpty();
            assertThat(effects(changed)).isNotEqualTo(effects(usual));
        } else {
            assertThat(warnings).containsExactly(key.name() + " has no effect here");
            assertThat(read(key.name() + " = " + key.usual()).warnings()).isEmpty();
        }
    }

    /** What is read and asked for by nobody is a key that does nothing. */
    @Test
    void whateverIsReadIsAskedFor() {
        JavaClasses classes =
                new ClassFileImporter().importPackages("io.pgnode.gateway.pooler", "io.pgnode.cli");
        List<String> unused = new ArrayList<>();
        for (Class<?> part : PoolerIni.class.getDeclaredClasses()) {
            if (!part.isRecord() || part.equals(PoolerIni.Peer.class)) {
                continue;
            }
            JavaClass read = classes.get(part);
            for (RecordComponent component : part.getRecordComponents()) {
                boolean isUsed =
                        component.getName().equals("name")
                                || read.getMethod(component.getName()).getAccessesToSelf().stream()
                                        .map(JavaAccess::getOriginOwner)
                                        .anyMatch(origin -> !origin.equals(read));
                if (!isUsed) {
                    unused.add(part.getSimpleName() + "." + component.getName());
                }
            }
        }
        assertThat(unused).isEmpty();
    }
}
