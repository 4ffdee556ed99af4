package io.pgnode.gateway.pooler.ini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolerIniReaderTest {
    @TempDir Path dir = Path.of("");

    private Path write(String text) throws IOException {
        return Files.writeString(dir.resolve("pgbouncer.ini"), text);
    }

    private PoolerIni read(String text) throws IOException, PoolerIni.Wrong {
        return PoolerIniReader.read(write(text));
    }

    private List<String> problems(String text) throws IOException {
        Path file = write(text);
        PoolerIni.Wrong wrong =
                catchThrowableOfType(PoolerIni.Wrong.class, () -> PoolerIniReader.read(file));
        assertThat(wrong).as(text).isNotNull();
        return wrong.problems().stream()
                .map(problem -> problem.toString().replace(file.toString(), "ini"))
                .toList();
    }

    @Test
    void anEmptyFileGivesPgBouncersDefaults() throws Exception {
        PoolerIni ini = read("[pgbouncer]\n");

        assertThat(ini.sizes().maxClients()).isEqualTo(100);
        assertThat(ini.sizes().poolSize()).isEqualTo(20);
        assertThat(ini.sizes().reserveAfter()).isEqualTo(Duration.ofSeconds(5));
        assertThat(ini.auth().type()).isEqualTo("md5");
        assertThat(ini.listening().port()).isEqualTo(6432);
        assertThat(ini.listening().socketMode()).isEqualTo(0777);
        assertThat(ini.times().login()).isEqualTo(Duration.ofSeconds(60));
        assertThat(ini.health().resetQuery()).isEqualTo("DISCARD ALL");
        assertThat(ini.serverTls().mode()).isEqualTo("prefer");
        assertThat(ini.clientTls().protocols()).containsExactly("TLSv1.3", "TLSv1.2");
        assertThat(ini.values()).containsOnlyKeys(IniKeys.all().keySet());
        assertThat(ini.warnings()).isEmpty();
    }

    @Test
    void everyKeyTakesItsDefaultAsAValue() throws Exception {
        StringBuilder text = new StringBuilder("[pgbouncer]\n");
        IniKeys.all()
                .forEach(
                        (name, key) ->
                                text.append(name).append(" = ").append(key.usual()).append('\n'));

        PoolerIni ini = read(text.toString());

        assertThat(ini.warnings()).isEmpty();
        assertThat(ini).isEqualTo(read("[pgbouncer]\n"));
    }

    @Test
    void everyKeyWithATypeRefusesWhatIsNot() throws Exception {
        for (IniKey key : IniKeys.all().values()) {
            if (key.kind() == IniKey.Kind.TEXT) {
                continue;
            }
            assertThat(problems("[pgbouncer]\n" + key.name() + " = nonsense\n"))
                    .as(key.name())
                    .anyMatch(
                            problem ->
                                    problem.startsWith(
                                            "ini:2: " + key.name() + " is \"nonsense\", must be"));
        }
    }

    @Test
    void allProblemsAreToldAtOnceWithTheirLines() throws Exception {
        assertThat(
                        problems(
                                """
                                [databases]
                                pgbouncer = host=/tmp
                                a = host=/tmp poolsize=5
                                b = host='/tmp
                                [pgbouncer]
                                pool_mode = transactions
                                default_pool_sise = 5
                                query_timeout = 5s
                                listen_port = 70000
                                auth_type = hba
                                [sharding]
                                x = y
                                """))
                .contains(
                        "ini:3: unrecognized connection parameter: poolsize of a in [databases]\n"
                                + "  HINT: did you mean pool_size?",
                        "ini:4: not a connect string: b\n"
                                + "  HINT: key=value pairs, values with blanks in single quotes",
                        "ini:6: pool_mode is \"transactions\", must be one of session,"
                                + " transaction, statement",
                        "ini:7: unknown parameter: pgbouncer/default_pool_sise\n"
                                + "  HINT: did you mean default_pool_size?",
                        "ini:8: query_timeout is \"5s\", must be a number of seconds, 0 or more\n"
                                + "  HINT: write the number alone; fractions are allowed",
                        "ini:9: listen_port is \"70000\", must be a whole number from 0 to 65535",
                        "ini: auth_type is hba, but there is no auth_hba_file")
                .anyMatch(problem -> problem.contains("\"pgbouncer\" is reserved"))
                .anyMatch(problem -> problem.contains("unknown section [sharding]"));
    }

    @Test
    void whatADatabaseSaysGoesBeforeTheGlobalValue() throws Exception {
        PoolerIni ini =
                read(
                        """
                        [databases]
                        shop = host=h1,h2 port=5433 dbname=shop_v2 pool_size=7 pool_mode=session \
                        connect_query='select ''x''' auth_user=asker timezone=UTC
                        * = host=/run/pg
                        [users]
                        bob = pool_mode=statement max_user_connections=3 query_timeout=0.5
                        [pgbouncer]
                        pool_mode = transaction
                        default_pool_size = 9
                        max_db_connections = 50
                        reserve_pool_timeout = 1.5
                        """);

        PoolerIni.Database shop = Objects.requireNonNull(ini.databases().get("shop"));
        PoolerIni.Database any = Objects.requireNonNull(ini.databases().get("*"));
        assertThat(shop.hosts()).containsExactly("h1", "h2");
        assertThat(shop.port()).isEqualTo(5433);
        assertThat(shop.database()).isEqualTo("shop_v2");
        assertThat(shop.poolSize()).isEqualTo(7);
        assertThat(shop.poolMode()).isEqualTo("session");
        assertThat(shop.connectQuery()).isEqualTo("select 'x'");
        assertThat(shop.authUser()).isEqualTo("asker");
        assertThat(shop.settings()).isEqualTo(Map.of("timezone", "UTC"));
        assertThat(any.poolSize()).isEqualTo(9);
        assertThat(any.poolMode()).isEqualTo("transaction");
        assertThat(any.database()).isEmpty();
        assertThat(any.maxServers()).isEqualTo(50);
        PoolerIni.User bob = Objects.requireNonNull(ini.users().get("bob"));
        assertThat(bob.poolMode()).isEqualTo("statement");
        assertThat(bob.maxServers()).isEqualTo(3);
        assertThat(bob.query()).isEqualTo(Duration.ofMillis(500));
        assertThat(bob.poolSize()).isNull();
        assertThat(ini.sizes().reserveAfter()).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void theOldDefaultQueryBecomesTheOneThatHeedsValidUntil() throws Exception {
        PoolerIni ini =
                read(
                        "[pgbouncer]\n"
                                + "auth_query = SELECT usename, passwd FROM pg_shadow WHERE usename=$1\n");

        assertThat(ini.auth().query()).isEqualTo(IniKeys.DEFAULT_AUTH_QUERY);
    }

    @Test
    void keysWithoutEffectAreNamedOnceEach() throws Exception {
        PoolerIni ini =
                read(
                        """
                        [pgbouncer]
                        server_tls_ciphers = HIGH:!aNULL
                        pkt_buf = 8192
                        sbuf_loopcnt = 5
                        syslog = off
                        """);

        assertThat(ini.warnings().stream().map(IniProblem::message))
                .containsExactlyInAnyOrder(
                        "pkt_buf has no effect here",
                        "server_tls_ciphers has no effect: it is a list in OpenSSL's language");
    }

    @Test
    void includedFilesCountInPlace() throws Exception {
        Files.writeString(dir.resolve("more.ini"), "default_pool_size = x\nmax_client_conn = 7\n");

        assertThat(problems("[pgbouncer]\n%include more.ini\n"))
                .containsExactly(
                        dir.resolve("more.ini")
                                + ":1: default_pool_size is \"x\", must be a whole number from 0 to"
                                + " 2147483647");
    }

    @Test
    void theConsolesChangesGoBeforeTheFile() throws Exception {
        Path file = write("[pgbouncer]\nmax_client_conn = 7\n");

        PoolerIni ini = PoolerIniReader.read(file, Map.of("max_client_conn", "8"));

        assertThat(ini.sizes().maxClients()).isEqualTo(8);
    }

    @Test
    void anyTextIsReadOrRefused() throws Exception {
        List<String> pieces =
                List.of(
                        "[databases]",
                        "[pgbouncer]",
                        "[users]",
                        "\n",
                        "\n",
                        "=",
                        "a",
                        "'",
                        "\"",
                        "host=",
                        "pool_size=",
                        " ",
                        "%include ",
                        ";",
                        "#",
                        "[",
                        "]",
                        "*",
                        "auth_type",
                        "hba",
                        "1",
                        "-1",
                        "\t",
                        "é",
                        "listen_port = 99999999999999999999");
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<String> text = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                text.add(pieces.get(random.nextInt(pieces.size())));
            }
            Path file = write(String.join("", text));
            try {
                assertThat(PoolerIniReader.read(file)).isNotNull();
            } catch (PoolerIni.Wrong wrong) {
                assertThat(wrong.problems()).as("seed " + seed).isNotEmpty();
            }
        }
    }
}
