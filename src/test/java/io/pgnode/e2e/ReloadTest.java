package io.pgnode.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.testing.Http;
import io.pgnode.testing.PgnodeCluster;
import io.pgnode.testing.Signal;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What a reload changes on a running node, with all its parts in place. */
@Tag("e2e")
@EnabledIf("io.pgnode.testing.Runner#isBuilt")
class ReloadTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    @Test
    void aRunningNodeTakesOverItsNewConfiguration() throws Exception {
        try (var cluster = new PgnodeCluster(1, "fast", PgnodeCluster.ASYNCHRONOUS)) {
            cluster.start();
            Path directory = cluster.dataDir(0).resolve("../..").normalize();
            Path file = directory.resolve("node.yml");
            Path log = directory.resolve("pgnode.json");
            Path called = directory.resolve("called");
            String before = Files.readString(file);
            Files.writeString(
                    file,
                    before.replace(
                                            "ha:\n",
                                            "ha:\n  tags: {zone: b}\n  callbacks: {on-reload: /bin/touch "
                                                    + called
                                                    + "}\n")
                                    .replace(
                                            "postgresql:\n",
                                            "postgresql:\n  restore-command: 'false %f'\n"
                                                    + "  parameters: {work_men: 1MB, work_mem: 7MB}\n")
                                    .replace(
                                            "secret-of-the-test}\n  rewind",
                                            "another one}\n  rewind")
                                    .replace(
                                            "rest:\n",
                                            "rest:\n  username: admin\n  password: sesame\n")
                                    .replace("seq: 1\n", "seq: 1\nrole: replica\n")
                            + "log: {format: json, file: "
                            + log
                            + "}\n");

            Http.Answer answer = Http.post(cluster.api(0) + "/reload", "", SOON);

            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.body())
                    .startsWith(
                            "reload scheduled\nrestart pgnode for role\nparameter work_men has no effect: ")
                    .hasLineCount(3);
            Waiting.until(
                    SOON,
                    cluster::diagnostics,
                    () ->
                            Http.get(cluster.api(0) + "/patroni")
                                    .body()
                                    .contains("\"tags\": {\"zone\": \"b\"}"));
            Waiting.until(SOON, () -> "the callback", () -> Files.exists(called));
            assertThat(Http.post(cluster.api(0) + "/reload", "", SOON).status()).isEqualTo(401);
            assertThat(Files.readString(cluster.dataDir(0).resolve("postgresql.conf")))
                    .contains("restore_command = 'false %f'", "work_mem = '7MB'")
                    .doesNotContain("work_men");
            assertThat(Files.readString(directory.resolve("run/pgpass")))
                    .contains(":replicator:another one");
            assertThat(Files.readString(log)).contains("\"message\":\"reloaded ha.tags.zone");

            Files.move(log, directory.resolve("pgnode.json.1"));
            cluster.signalSupervisor(0, Signal.HUP);
            Waiting.until(SOON, cluster::diagnostics, () -> isWritten(log));
            assertThat(Files.readString(directory.resolve("log")))
                    .doesNotContain("another one", "sesame");
        }
    }

    private static boolean isWritten(Path log) {
        try {
            return Files.exists(log) && Files.readString(log).contains("\"message\":\"reload: ");
        } catch (IOException e) {
            return false;
        }
    }
}
