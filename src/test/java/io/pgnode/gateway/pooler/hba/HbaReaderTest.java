package io.pgnode.gateway.pooler.hba;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.gateway.pooler.ini.IniProblem;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HbaReaderTest {
    @TempDir Path dir = Path.of("");

    private Hba parse(String text, List<IniProblem> problems) {
        return HbaReader.parse(text.lines().toList(), dir.resolve("hba"), problems);
    }

    private static Login login(String how, String user, String database) {
        return switch (how) {
            case "local" -> new Login(user, database, null, false);
            default -> {
                boolean isTls = how.startsWith("tls:");
                String address = isTls ? how.substring(4) : how;
                yield new Login(user, database, InetAddress.ofLiteral(address), isTls);
            }
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    local all all trust                        | local            | u | d | TRUST
                    local all all trust                        | 10.0.0.1         | u | d | none
                    host all all 10.0.0.0/8 md5                | 10.9.8.7         | u | d | MD5
                    host all all 10.0.0.0/8 md5                | 11.9.8.7         | u | d | none
                    host all all 10.0.0.0/8 md5                | local            | u | d | none
                    host all all 10.1.2.3/32 reject            | 10.1.2.3         | u | d | REJECT
                    host all all 10.1.2.3/32 reject            | 10.1.2.2         | u | d | none
                    host all all 0.0.0.0/0 md5                 | ::1              | u | d | none
                    host all all ::/0 md5                      | 1.2.3.4          | u | d | none
                    host all all fe80::/10 md5                 | fe80::1          | u | d | MD5
                    host all all 10.0.0.0 255.255.0.0 md5      | 10.0.7.7         | u | d | MD5
                    host all all 10.0.0.0 255.255.0.0 md5      | 10.1.7.7         | u | d | none
                    host all all all scram-sha-256             | ::1              | u | d | SCRAM
                    hostssl all all all cert                   | tls:1.2.3.4      | u | d | CERT
                    hostssl all all all cert                   | 1.2.3.4          | u | d | none
                    hostnossl all all all password             | 1.2.3.4          | u | d | PASSWORD
                    hostnossl all all all password             | tls:1.2.3.4      | u | d | none
                    host a,b u all trust                       | 1.2.3.4          | u | b | TRUST
                    host a, b u all trust                      | 1.2.3.4          | u | b | TRUST
                    host a,b u all trust                       | 1.2.3.4          | u | c | none
                    host sameuser all all trust                | 1.2.3.4          | u | u | TRUST
                    host sameuser all all trust                | 1.2.3.4          | u | d | none
                    host "sameuser" all all trust              | 1.2.3.4          | u | u | none
                    host "all" all all trust                   | 1.2.3.4          | u | d | none
                    host "all" all all trust                   | 1.2.3.4          | u | all | TRUST
                    host replication all all trust             | 1.2.3.4          | u | replication | none
                    host "replication" all all trust           | 1.2.3.4          | u | replication | TRUST
                    host /^db[0-9]+$ all all trust             | 1.2.3.4          | u | db12 | TRUST
                    host /^db[0-9]+$ all all trust             | 1.2.3.4          | u | db12x | none
                    host all "/^(a,b)$" all trust            | 1.2.3.4          | a,b | d | TRUST
                    host all "we""ird" all trust               | 1.2.3.4          | we"ird | d | TRUST
                    local all all peer map=m                   | local            | u | d | PEER
                    local all all trust # host all all all md5 | local            | u | d | TRUST
                    """)
    void theFirstFittingLineDecides(
            String line, String how, String user, String database, String expected) {
        List<IniProblem> problems = new ArrayList<>();

        Hba hba = parse(line, problems);

        assertThat(problems).isEmpty();
        assertThat(
                        hba.find(login(how, user, database))
                                .map(found -> found.method().toString())
                                .orElse("none"))
                .isEqualTo(expected);
    }

    @Test
    void linesAreTriedInTheirOrder() {
        Hba hba =
                parse(
                        """
                        # comment

                        host all bad all reject
                        host all \\
                        all all md5
                        """,
                        new ArrayList<>());

        assertThat(hba.find(login("1.1.1.1", "bad", "d")).orElseThrow().method())
                .isEqualTo(HbaMethod.REJECT);
        HbaLine other = hba.find(login("1.1.1.1", "good", "d")).orElseThrow();
        assertThat(other.method()).isEqualTo(HbaMethod.MD5);
        assertThat(other.where()).isEqualTo(dir.resolve("hba") + ":4");
    }

    @Test
    void namesAndLinesMayStandInOtherFiles() throws IOException {
        Files.writeString(dir.resolve("admins"), "ann, bob\n# nobody\n\"all\"\n@more\n");
        Files.writeString(dir.resolve("more"), "cid\n");
        Files.writeString(dir.resolve("rest"), "host all dora all trust\n");
        List<IniProblem> problems = new ArrayList<>();

        Hba hba = parse("host all @admins all md5\ninclude rest\ninclude_if_exists none", problems);

        assertThat(problems).isEmpty();
        for (String user : List.of("ann", "bob", "cid", "all")) {
            assertThat(hba.find(login("1.1.1.1", user, "d"))).as(user).isPresent();
        }
        assertThat(hba.find(login("1.1.1.1", "dora", "d")).orElseThrow().method())
                .isEqualTo(HbaMethod.TRUST);
        assertThat(hba.find(login("1.1.1.1", "eve", "d"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    hosts all all all md5          | invalid connection type "hosts"
                    host all all all               | the line ends too early
                    local all all                  | the line ends too early
                    host all all 10.0.0.0/33 md5   | invalid address range "10.0.0.0/33"
                    host all all 10.0.0/8 md5      | invalid address range "10.0.0/8"
                    host all all 10.0.0.0 md5      | invalid mask "md5" of 10.0.0.0
                    host all all 10.0.0.0 ff00:: md5 | invalid mask "ff00::" of 10.0.0.0
                    host all all db.example.org md5 | invalid address "db.example.org": host names are not supported
                    host all all samenet md5       | samenet is not supported
                    host all +staff all md5        | +staff is not supported: memberships of roles are not known here
                    host samerole all all md5      | samerole is not supported: memberships of roles are not known here
                    host all all all ldap          | authentication method ldap is not supported
                    host all all all nonsense      | invalid authentication method "nonsense"
                    host all all all peer          | peer authentication is only supported on local sockets
                    host all all all cert          | cert authentication is only supported on hostssl connections
                    host all all all md5 map=x     | map= is only for the methods peer and cert
                    host all all all md5 x=y       | option x is not supported
                    host all "all all md5          | a quote does not end
                    host /( all all md5            | invalid regular expression "(": Unclosed group
                    host @missing all all md5      | /missing cannot be read
                    """)
    void whatCannotBeHonouredIsRefused(String line, String message) {
        List<IniProblem> problems = new ArrayList<>();

        parse("# first\n" + line, problems);

        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst().where()).isEqualTo(dir.resolve("hba") + ":2");
        assertThat(problems.getFirst().message()).endsWith(message);
    }

    @Test
    void anyTextIsReadOrRefused() {
        List<String> pieces =
                List.of(
                        "host",
                        "local",
                        "all",
                        " ",
                        " ",
                        ",",
                        "\"",
                        "@",
                        "/",
                        "\\",
                        "\n",
                        "10.0.0.0/8",
                        "md5",
                        "trust",
                        "map=",
                        "#",
                        "+x",
                        "hostssl",
                        "cert",
                        "peer",
                        "(",
                        "[");
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            Hba hba = parse(text.toString(), new ArrayList<>());
            assertThat(hba.find(login("local", "u", "d"))).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    m ann bob                    | m | ann              | bob  | true
                    m ann bob                    | m | ann              | ann  | false
                    m ann bob                    | n | ann              | bob  | false
                    m ann bob                    |   | ann              | ann  | true
                    m ann bob                    |   | ann              | bob  | false
                    m /^(.*)@example\\.org$ \\1  | m | carl@example.org | carl | true
                    m /^(.*)@example\\.org$ \\1  | m | carl@example.net | carl | false
                    m /^(.*)@example\\.org$ \\1  | m | carl@example.org | dora | false
                    m "/^(.*), Inc$" \\1         | m | carl, Inc        | carl | true
                    m ann all                    | m | ann              | eve  | true
                    m ann "all"                  | m | ann              | eve  | true
                    m ann /^e                    | m | ann              | eve  | true
                    m ann /^e                    | m | ann              | bob  | false
                    """)
    void mapsSayWhoMayBeWhom(
            String line, String map, String outside, String role, boolean expected) {
        List<IniProblem> problems = new ArrayList<>();

        IdentMap maps = IdentMap.parse(List.of(line.replace("\\\\", "\\")), "ident", problems);

        assertThat(problems).isEmpty();
        boolean isQuotedAll = line.contains("\"all\"");
        assertThat(maps.allows(map == null ? "" : map, outside, role))
                .isEqualTo(expected && !isQuotedAll);
    }

    @Test
    void wrongMapsAreRefused() {
        List<IniProblem> problems = new ArrayList<>();

        IdentMap.parse(
                List.of("m ann", "m /( x", "m ann \\1", "m ann +staff", "m \"ann x"),
                "ident",
                problems);

        assertThat(problems.stream().map(IniProblem::where))
                .containsExactly("ident:1", "ident:2", "ident:3", "ident:4", "ident:5");
    }
}
