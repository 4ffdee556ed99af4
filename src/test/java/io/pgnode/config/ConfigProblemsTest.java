package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigProblemsTest {
    private static final String SMALL = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n";

    @TempDir Path directory;

    @Test
    void reportsEverythingAtOnceInOrderOfLines() {
        List<Problem> problems =
                problems(
                        """
                        cluster: pg_test
                        seq: one
                        dcs:
                          timeout: soon
                          endpoint: [10.0.0.1:2379]
                        ha:
                          ttl: 4s
                        postgresql:
                          port: 8008
                          data-dir: data
                        rest:
                          tls: {verify-client: always}
                        """);

        assertThat(problems.stream().map(Problem::where))
                .containsExactly(
                        "pgnode.yml:1",
                        "pgnode.yml:2",
                        "pgnode.yml:4",
                        "pgnode.yml:5",
                        "pgnode.yml:7",
                        "pgnode.yml:9",
                        "pgnode.yml:10",
                        "pgnode.yml:12",
                        "pgnode.yml");
        assertThat(problems.stream().map(Problem::message))
                .containsExactly(
                        "cluster is \"pg_test\", must be of [a-zA-Z0-9-]",
                        "seq is \"one\", must be a whole number",
                        "dcs.timeout is \"soon\", must be a duration: a number with ms, s, min, h"
                                + " or d, such as 10s or 500ms",
                        "unknown key dcs.endpoint",
                        "ha.ttl is 4 s, must be at least ha.loop-wait + 2 * ha.retry-timeout (2 + 2"
                                + " * 4 = 10 s)",
                        "rest.port and postgresql.port are both 8008",
                        "postgresql.data-dir is data, must be an absolute path",
                        "rest.tls.verify-client is \"always\", must be one of none, optional,"
                                + " required",
                        "address is missing");
        assertThat(problems.get(3).hint()).isEqualTo("did you mean dcs.endpoints?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    scope: x                              | Patroni's scope is called cluster here
                    restapi: {port: 1}                    | Patroni's restapi is called rest here
                    postgresql: {data_dir: /x}            | it is spelt postgresql.data-dir here
                    postgresql: {prot: 1}                 | did you mean postgresql.port?
                    postgresql: {authentication: {a: b}}  | its sections superuser, replication and rewind stand directly under postgresql
                    data-dir: /x                          | did you mean dcs.data-dir or postgresql.data-dir?
                    log: {Level: debug}                   | it is spelt log.level here
                    log: {xyzzy: 1}                       | known keys here: file, format, level
                    """)
    void explainsUnknownKeys(String line, String hint) {
        assertThat(problems(SMALL + line))
                .singleElement()
                .satisfies(problem -> assertThat(problem.hint()).isEqualTo(hint));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    postgresql: {port: 0}                     | postgresql.port is 0, must be 1..65535
                    postgresql: {port: [1, 2]}                | postgresql.port is a list, must be one value
                    postgresql: 5                             | postgresql must be a section of keys
                    postgresql: {parameters: {port: 1}}       | parameter port cannot be set here
                    postgresql: {parameters: {max_connections: 1}} | parameter max_connections must be the same on all members, so it has no effect here
                    postgresql: {create-replica-methods: [x]} | postgresql.create-replica-methods has x, which is not known
                    postgresql: {create-replica-methods: [repository, basebackup]} | postgresql.create-replica-methods has repository, but there is none
                    postgresql: {replica-methods: {x: {keep-data: on}}} | postgresql.replica-methods.x.command is missing
                    postgresql: {bin-dir: /nowhere}           | postgresql.bin-dir is /nowhere, which has no program postgres
                    postgresql: {replication: {username: postgres}} | postgresql.replication.username is the superuser's
                    ha: {ttl: 2500ms}                         | ha.ttl is 2500ms, must be whole seconds, at least 3 s
                    ha: {loop-wait: 3s}                       | ha.ttl is 10 s, must be at least ha.loop-wait + 2 * ha.retry-timeout (3 + 2 * 4 = 11 s)
                    ha: {hold-timeout: 5s}                    | ha.hold-timeout is 5s, must be at least a second more than ha.drain-timeout (5s)
                    rest: {port: 5433}                        | services.primary.port and rest.port are both 5433
                    gateway: {stats: {port: 5436}}            | services.default.port and gateway.stats.port are both 5436
                    pooler: {port: 5433}                      | services.primary.port and pooler.port are both 5433
                    pooler: {port: 8008}                      | pooler.port and rest.port are both 8008
                    pooler: {port: 5432}                      | pooler.port and postgresql.port are both 5432
                    pooler: {port: 9101, listen: 127.0.0.1}   | gateway.stats.port and pooler.port are both 9101
                    services: {default: {bind: ['127.0.0.1:6432']}} | services.default.bind and pooler.port are both 6432
                    services: {offline: {port: 5432}}         | services.offline.port and postgresql.port are both 5432
                    services: {mine: {port: 5438, role: primary}} | services.mine.port and services.offline.port are both 5438
                    ha: {watchdog: {safety-margin: 9s}}       | ha.watchdog.safety-margin is 9s, must be at most three fifths of the lease (6s)
                    ha: {tags: {nosync: maybe}}               | ha.tags.nosync is "maybe", must be true or false
                    ha: {tags: {failover_priority: -1}}       | ha.tags.failover_priority is "-1", must be a whole number, zero or more
                    ha: {tags: {replicatefrom: pg-test-1}}    | ha.tags.replicatefrom is pg-test-1, this member itself
                    ha: {callbacks: {on-start: run.sh}}       | ha.callbacks.on-start starts with run.sh, must be an absolute path
                    ha: {callbacks: {on-start: /nowhere/x}}   | ha.callbacks.on-start starts with /nowhere/x: no such file
                    dcs: {endpoints: ['a:b']}                 | dcs.endpoints is "a:b", must be host:port, with a port of 1..65535
                    dcs: {username: x}                        | dcs.username is given without a password
                    dcs: {password: x}                        | dcs.password is given without dcs.username
                    dcs: {tls: {ca-file: /x}}                 | dcs.tls.ca-file is given, but TLS is off
                    dcs: {tls: {enabled: true, ca-file: /x}}  | dcs.tls.ca-file is /x: no such file
                    dcs: {type: embedded, listen: '1.2.3.4:8008'} | dcs.listen and rest.port are both 8008
                    rest: {listen: '0.0.0.0:8008'}            | rest.listen is "0.0.0.0:8008", must be one address without port
                    rest: {allowlist: [10.0.0.0/33]}          | rest.allowlist has "10.0.0.0/33", must be a network or an address
                    bootstrap: {initdb: [{pgdata: /x}]}       | bootstrap.initdb has pgdata, which pgnode sets
                    bootstrap: {initdb: [--locale]}           | bootstrap.initdb is "--locale", must be an option without dashes: name or name=value
                    bootstrap: {method: x}                    | bootstrap.method is x, which is not known
                    bootstrap: {method: repository}           | bootstrap.source.stanza is missing
                    bootstrap: {source: {stanza: x}}          | bootstrap.source.stanza has no effect: bootstrap.method is initdb
                    bootstrap: {method: repository, source: {stanza: '-'}} | bootstrap.source.stanza is "-", which is no name
                    bootstrap: {method: repository, source: {stanza: x, target-type: xid}} | bootstrap.source.target is missing: bootstrap.source.target-type is xid
                    bootstrap: {method: repository, source: {stanza: x, target: y}} | bootstrap.source.target is given, but bootstrap.source.target-type is default
                    bootstrap: {method: repository, source: {stanza: x, target-type: lsn, target: y}} | bootstrap.source.target is "y", which is no lsn
                    bootstrap: {method: repository, source: {stanza: x, target-timeline: 0}} | bootstrap.source.target-timeline is "0", must be latest, current or a number
                    bootstrap: {method: repository, source: {stanza: x, target-type: name, target: y, target-exclusive: true}} | bootstrap.source.target-exclusive has no effect with a name
                    bootstrap: {methods: {x: {no-params: on}}} | bootstrap.methods.x.command is missing
                    bootstrap: {methods: {x: {command: /bin/true, recovery-conf: {recovery_target_tiem: y}}}} | bootstrap.methods.x.recovery-conf has recovery_target_tiem, which is no recovery setting
                    bootstrap: {methods: {x: {command: /bin/true, recovery-conf: {recovery_target_action: pause}}}} | bootstrap.methods.x.recovery-conf.recovery_target_action is pause, must be promote: the new cluster needs a primary
                    bootstrap: {methods: {x: {command: /bin/true, keep-existing-recovery-conf: on, recovery-conf: {recovery_target: immediate}}}} | bootstrap.methods.x.recovery-conf has no effect with keep-existing-recovery-conf
                    bootstrap: {recovery-timeout: 0s}         | bootstrap.recovery-timeout is not positive
                    postgresql: {keep-renamed-directories: 0} | postgresql.keep-renamed-directories is 0, must be at least 1
                    bootstrap: {dcs: {ttl: 9}}                | bootstrap.dcs: ttl is 9 s, must be at least loop_wait + 2 * retry_timeout (2 + 2 * 4 = 10 s)
                    bootstrap: {dcs: [1]}                     | bootstrap.dcs must be a section of keys
                    bootstrap: {dcs: {postgresql: {parameters: {port: 1, hot_standby: on}}}} | bootstrap.dcs: parameter port has no effect
                    bootstrap: {dcs: {postgresql: {parameters: {'a b': 1}}}} | bootstrap.dcs: "a b" is no name of a parameter
                    namespace: pg                             | namespace is "pg", must be words of [A-Za-z0-9._-] between slashes
                    log: {file: /nowhere/x.log}               | log.file is /nowhere/x.log: no such directory
                    """)
    void namesWhatIsExpected(String line, String message) {
        List<Problem> problems = problems(SMALL + line);
        assertThat(problems.stream().map(Problem::message)).containsExactly(message);
        assertThat(problems.getFirst().where()).isEqualTo("pgnode.yml:4");
    }

    @Test
    void namesAllThatIsWrongWithTheSourceOfANewCluster() {
        assertThat(
                        problems(
                                        SMALL
                                                + """
                                                backup: {stanza: a, repositories: {2: {path: /x}}}
                                                bootstrap:
                                                  method: repository
                                                  source:
                                                    stanza: a
                                                    repository: {path: /x/, cipher: {pass: p}}
                                                    target: y
                                                    target-timeline: newest
                                                """)
                                .stream()
                                .map(Problem::message))
                .containsExactlyInAnyOrder(
                        "bootstrap.source is stanza a at /x, as is backup.repositories.2",
                        "bootstrap.source.repository.cipher.pass is given, but"
                                + " bootstrap.source.repository.cipher.type is none",
                        "bootstrap.source.target is given, but bootstrap.source.target-type is"
                                + " default",
                        "bootstrap.source.target-timeline is \"newest\", must be latest, current"
                                + " or a number");
    }

    @Test
    void rejectsDuplicateKeys() {
        assertThat(problems(SMALL + "seq: 2"))
                .singleElement()
                .hasToString(
                        "pgnode.yml:4: seq is given twice, first in line 2\n"
                                + "  HINT: keep one of them");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cluster: [",
                "- a",
                "a: b: c",
                "x: !!java.io.File [/etc/passwd]",
                "? [a]\n: b",
                "<<: {a: b}",
                "\t",
                "a: &a [*a]",
                "---\na: b\n---\nc: d"
            })
    void survivesStrangeFiles(String text) {
        assertThat(problems(text)).isNotEmpty();
    }

    @Test
    void limitsDepthAndAliases() {
        assertThat(problems("a: ".repeat(1) + "[".repeat(100) + "]".repeat(100)))
                .anyMatch(problem -> problem.message().startsWith("not valid YAML"));
        StringBuilder laughs = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            laughs.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(problems(laughs.toString()))
                .anyMatch(problem -> problem.message().startsWith("not valid YAML"));
    }

    @Test
    void neverPrintsSecrets() throws ConfigProblems {
        String text = SMALL + "rest: {password: hunter2}\ndcs: {password: [hunter2]}\n";
        assertThat(problems(text).toString()).doesNotContain("hunter2");

        LoadedConfig loaded =
                ConfigLoader.loadText(
                        "pgnode.yml",
                        SMALL + "rest: {username: admin, password: hunter2}\n",
                        Map.of());
        assertThat(loaded.toString()).doesNotContain("hunter2");
        assertThat(loaded.settings().toString()).contains("rest.password=***");
        assertThat(ConfigShow.lines(loaded).toString()).doesNotContain("hunter2");
    }

    @Test
    void requiresClosedSecretFiles() throws Exception {
        Path open = directory.resolve("open");
        Files.writeString(open, "x");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(problems(SMALL + "postgresql: {superuser: {password-file: " + open + "}}"))
                .singleElement()
                .satisfies(
                        problem ->
                                assertThat(problem.message())
                                        .endsWith("with mode 0644, must be 0600 or 0640"));
    }

    @Test
    void requiresAClosedFileForWrittenPasswords() throws Exception {
        Path file = directory.resolve("pgnode.yml");
        Files.writeString(file, SMALL + "postgresql: {superuser: {password: x}}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(
                        catchThrowableOfType(
                                ConfigProblems.class, () -> ConfigLoader.load(file, Map.of())))
                .hasMessageContaining("the file has passwords and mode 0644");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(ConfigLoader.load(file, Map.of()).settings()).isNotEmpty();
    }

    @Test
    void explainsAMissingFile() {
        Path file = directory.resolve("nowhere.yml");
        assertThat(
                        catchThrowableOfType(
                                ConfigProblems.class, () -> ConfigLoader.load(file, Map.of())))
                .hasMessage(
                        "1 problem in the configuration:\n"
                                + file
                                + ": the configuration file cannot be read: no such file\n"
                                + "  HINT: give another file with -c FILE");
    }

    @Test
    void reportsUnknownVariables() {
        Map<String, String> env =
                Map.of(
                        "PGNODE_POSTGRESQL_PROT", "1",
                        "PGNODE_SEQ", "x",
                        "PGNODE_TEST_JAVA", "x",
                        "PGNODE_CONFIG", "x",
                        "PGDATA", "x");
        ConfigProblems thrown =
                catchThrowableOfType(
                        ConfigProblems.class, () -> ConfigLoader.loadText("f", SMALL, env));
        assertThat(thrown.problems().stream().map(Problem::toString))
                .containsExactly(
                        "environment variable PGNODE_POSTGRESQL_PROT: there is no such key\n"
                                + "  HINT: did you mean PGNODE_POSTGRESQL_PORT?",
                        "environment variable PGNODE_SEQ: seq is \"x\", must be a whole number");
    }

    private static List<Problem> problems(String text) {
        return catchThrowableOfType(
                        ConfigProblems.class,
                        () -> ConfigLoader.loadText("pgnode.yml", text, Map.of()))
                .problems();
    }

    @Test
    void poolerAndPostgresCannotShareTheFileOfTheirSockets() {
        String apart =
                SMALL
                        + """
                        postgresql: {listen: 10.0.0.1, port: 5999}
                        pooler: {listen: 127.0.0.1, port: 5999%s}
                        """;
        assertThat(problems(apart.formatted("")))
                .singleElement()
                .satisfies(
                        problem ->
                                assertThat(problem.message())
                                        .contains("and so are their unix sockets"));
        assertIsRight(apart.formatted(", settings: {unix_socket_dir: /tmp}"));
    }

    @Test
    void whatIsNotOpenedClashesWithNothing() {
        assertIsRight(SMALL + "pooler: {enabled: false}\npostgresql: {port: 5433}\n");
        assertIsRight(SMALL + "gateway: {enabled: false}\npostgresql: {port: 6432}\n");
    }

    private static void assertIsRight(String text) {
        assertThatCode(() -> ConfigLoader.loadText("pgnode.yml", text, Map.of()))
                .doesNotThrowAnyException();
    }
}
