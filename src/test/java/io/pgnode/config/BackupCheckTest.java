package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BackupCheckTest {
    private static final String NODE = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n";

    @Test
    void reportsEverythingAtOnceWithLines() {
        ConfigProblems problems =
                problems(
                        """
                        backup:
                          stanza: ../x
                          repositories:
                            1: {path: backups, cipher: {type: aes-256-cbc}}
                            2:
                              type: s3
                              s3: {bucket: b, endpoint: "ftp://x/y", region: r, key: k}
                            3: {s3: {bucket: b}, cipher: {pass: x}}
                            7: {path: /seven, bundle: {limit: 30MB}}
                          compress: {type: lz4, level: 19}
                          workers: 0
                          throttle: 1kB
                          schedule:
                            time-zone: Europe/Nowhere
                            jitter: 2h
                            window: 1h
                            retries: -1
                            hooks:
                              before: pause-etl --now
                              after: /no/such/program
                              on-failure: /etc/passwd
                              timeout: 13h
                        """);
        assertThat(problems.problems().stream().map(p -> p.where() + " " + p.message()))
                .containsExactly(
                        "pgnode.yml:5 backup.stanza is \"../x\", which is no name",
                        "pgnode.yml:7 backup.repositories.1.path is backups, must be an absolute path",
                        "pgnode.yml:7 backup.repositories.1.cipher.type is aes-256-cbc without a"
                                + " pass phrase",
                        "pgnode.yml:10 backup.repositories.2.s3 has neither key-secret nor"
                                + " key-secret-file",
                        "pgnode.yml:10 backup.repositories.2.s3.endpoint is \"ftp://x/y\", must be"
                                + " a host or a URL without a path",
                        "pgnode.yml:11 backup.repositories.3.cipher.pass is given, but"
                                + " backup.repositories.3.cipher.type is none",
                        "pgnode.yml:11 backup.repositories.3.s3.bucket is given, but the"
                                + " repository is of type posix",
                        "pgnode.yml:12 backup.repositories has \"7\", must be a number of 1..4",
                        "pgnode.yml:12 backup.repositories.7.bundle.limit is 30MB, more than size,"
                                + " 20MB",
                        "pgnode.yml:13 backup.compress.level is 19, must be -5..12",
                        "pgnode.yml:14 backup.workers is 0, must be 1..64",
                        "pgnode.yml:15 backup.throttle is 1kB, must be at least 64kB",
                        "pgnode.yml:17 backup.schedule.time-zone is \"Europe/Nowhere\", which is"
                                + " no time zone",
                        "pgnode.yml:19 backup.schedule.window is 1h, less than jitter, 2h",
                        "pgnode.yml:20 backup.schedule.retries is -1, must be 0..100",
                        "pgnode.yml:22 backup.schedule.hooks.before starts with pause-etl, must be"
                                + " an absolute path",
                        "pgnode.yml:23 backup.schedule.hooks.after starts with /no/such/program:"
                                + " no such file",
                        "pgnode.yml:24 backup.schedule.hooks.on-failure starts with /etc/passwd,"
                                + " which is not executable",
                        "pgnode.yml:25 backup.schedule.hooks.timeout is 13h, must be at most 12h");
    }

    @Test
    void twoRepositoriesCannotBeAtOnePlace() {
        assertThat(
                        problems(
                                        """
                                        backup:
                                          repositories:
                                            1: {path: /backup}
                                            2: {path: /backup/.}
                                        """)
                                .problems())
                .singleElement()
                .satisfies(
                        problem ->
                                assertThat(problem.message())
                                        .isEqualTo(
                                                "backup.repositories.2 and backup.repositories.1"
                                                        + " are both at /backup"));
    }

    @Test
    void aSectionThatIsAbsentMeansNoBackups() {
        assertThatCode(() -> ConfigLoader.loadText("pgnode.yml", NODE, Map.of()))
                .doesNotThrowAnyException();
    }

    private static ConfigProblems problems(String backup) {
        return catchThrowableOfType(
                ConfigProblems.class,
                () -> ConfigLoader.loadText("pgnode.yml", NODE + backup, Map.of()));
    }
}
