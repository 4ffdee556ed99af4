package io.pgnode.cli;

import static io.pgnode.cli.view.SampleViews.N1;
import static io.pgnode.cli.view.SampleViews.N2;
import static io.pgnode.cli.view.SampleViews.member;
import static io.pgnode.cli.view.SampleViews.typicalMembers;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SwitchoverRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ClusterCommandsTest {
    private static final String CONFIG =
            "{\"ttl\":30,\"loop_wait\":10,\"retry_timeout\":10,"
                    + "\"postgresql\":{\"parameters\":{\"work_mem\":\"4MB\"}}}";

    private final CliHarness cli = new CliHarness().cluster("pg-test-1", CONFIG, typicalMembers());

    private void answersDone() {
        cli.members((member, method, path, body) -> new MemberApi.Answer(200, "done"));
    }

    /** Does what an agent does when it is asked to switch over. */
    private void switchesOver() {
        cli.members(
                (member, method, path, body) -> {
                    cli.put("leader", "pg-test-2");
                    cli.member(member(N2, 25432, MemberRole.PRIMARY, "running", 64, 3, Map.of()));
                    cli.member(member(N1, 15432, MemberRole.REPLICA, "starting", 64, 2, Map.of()));
                    return new MemberApi.Answer(200, "Successfully switched over to \"pg-test-2\"");
                });
    }

    @Test
    void listsMembers() {
        CliHarness.Run run = cli.run("list", "-o", "tsv");

        assertThat(run.code()).isZero();
        assertThat(run.out().lines().skip(1))
                .first()
                .isEqualTo("pg-test\tpg-test-1\t127.0.0.1:15432\tLeader\trunning\t2\t\t\t\t\t");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void listTellsByItsExitCodeThatNobodyLeads() {
        CliHarness.Run run = new CliHarness().cluster("", CONFIG, typicalMembers()).run("status");

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.out()).contains("pg-test-1");
    }

    @Test
    void saysThatAClusterDoesNotExist() {
        CliHarness.Run run = new CliHarness().run("list");

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err())
                .isEqualTo(
                        """
                        pgnode: error: cluster "pg-test" has no keys in the DCS
                        HINT: check the name and the namespace, or start its first node with pgnode run
                        """);
    }

    @Test
    void doesNotAskWithoutATerminal() {
        CliHarness.Run run = cli.run("switchover", "--candidate", "pg-test-2");

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err())
                .endsWith(
                        """
                        pgnode: error: cannot ask "Switch over from pg-test-1 to pg-test-2 now?": standard input is not a terminal
                        HINT: use --force to go on without a question
                        """);
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void switchesOverThroughTheLeaderAndTellsWhatHappens() {
        switchesOver();

        CliHarness.Run run =
                cli.types("y")
                        .run("switchover", "--leader", "pg-test-1", "--candidate", "pg-test-2");

        assertThat(run.code()).isZero();
        assertThat(cli.requests())
                .containsExactly(
                        "pg-test-1 POST /switchover"
                                + " {\"leader\":\"pg-test-1\",\"candidate\":\"pg-test-2\"}");
        assertThat(run.err())
                .contains("switchover from pg-test-1 to pg-test-2")
                .contains("pg-test-2 holds the leader key")
                .contains("pg-test-2 is primary on timeline 3");
        assertThat(run.out()).startsWith("pg-test-2 is the primary now, after ");
    }

    @Test
    void changesNothingWhenTheAnswerIsNo() {
        CliHarness.Run run = cli.types("").run("switchover");

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("not confirmed, nothing was changed");
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void writesTheRequestToTheDcsWhenTheLeaderCannotBeReached() {
        CliHarness.Run run =
                cli.run(
                        "switchover",
                        "--force",
                        "--candidate",
                        "pg-test-2",
                        "--scheduled",
                        "2999-01-01T00:00:00Z");

        assertThat(run.code()).isZero();
        assertThat(run.err())
                .contains("pg-test-1 cannot be reached: connection refused")
                .contains("writing the request to the DCS");
        SwitchoverRequest written = Objects.requireNonNull(cli.view().switchover());
        assertThat(written.leader()).isEqualTo(N1);
        assertThat(written.candidate()).isEqualTo(N2);
        assertThat(written.scheduledAt()).hasToString("2999-01-01T00:00:00Z");
    }

    @Test
    void refusesASwitchoverThatCannotBe() {
        assertThat(cli.run("switchover", "--force", "--leader", "pg-test-2").err())
                .contains("the leader is pg-test-1, not pg-test-2");
        assertThat(cli.run("switchover", "--force", "--candidate", "pg-test-1").code())
                .isEqualTo(4);
        CliHarness.Run stranger = cli.run("switchover", "--force", "--candidate", "pg-test-9");
        assertThat(stranger.code()).isEqualTo(2);
        assertThat(stranger.err())
                .contains("\"pg-test-9\" is not a member of the cluster")
                .contains("HINT: members are pg-test-1, pg-test-2, pg-test-3");
        assertThat(cli.run("switchover", "--force", "--scheduled", "2001-01-01T00:00").code())
                .isEqualTo(2);
    }

    @Test
    void passesOnWhyAMemberRefuses() {
        cli.members(
                (member, method, path, body) ->
                        new MemberApi.Answer(412, "no good candidates have been found\n"));

        CliHarness.Run run = cli.run("switchover", "--force");

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).endsWith("pgnode: error: no good candidates have been found\n");
    }

    @Test
    void asksTheCandidateForAFailoverWhenNobodyLeads() {
        CliHarness leaderless = new CliHarness().cluster("", CONFIG, typicalMembers());
        leaderless.members(
                (member, method, path, body) -> {
                    leaderless.put("leader", "pg-test-2");
                    leaderless.member(
                            member(N2, 25432, MemberRole.PRIMARY, "running", 64, 3, Map.of()));
                    return new MemberApi.Answer(200, "");
                });

        CliHarness.Run run = leaderless.run("failover", "--candidate", "pg-test-2", "--force");

        assertThat(run.code()).isZero();
        assertThat(leaderless.requests())
                .containsExactly("pg-test-2 POST /failover {\"candidate\":\"pg-test-2\"}");
    }

    @Test
    void restartsStandbysFirstAndTheLeaderLast() {
        answersDone();

        CliHarness.Run run = cli.types("yes").run("restart");

        assertThat(run.code()).isZero();
        assertThat(cli.requests())
                .containsExactly(
                        "pg-test-2 POST /restart {}",
                        "pg-test-3 POST /restart {}",
                        "pg-test-1 POST /restart {}");
        assertThat(run.err()).contains("Restart pg-test-2, pg-test-3, pg-test-1 now?");
    }

    @Test
    void restartsOnlyWhatWasChosen() {
        answersDone();

        cli.run("restart", "--force", "--pending", "-r", "replica", "--timeout", "2m");

        assertThat(cli.requests())
                .containsExactly(
                        "pg-test-2 POST /restart"
                                + " {\"role\":\"replica\",\"timeout\":120,\"restart_pending\":true}");
    }

    @Test
    void stopsARollingRestartAtTheFirstFailure() {
        cli.members((member, method, path, body) -> new MemberApi.Answer(503, "restart failed"));

        CliHarness.Run run = cli.run("restart", "--force");

        assertThat(run.code()).isEqualTo(1);
        assertThat(cli.requests()).hasSize(1);
        assertThat(run.err()).contains("pg-test-2: refused, status 503: restart failed");
    }

    @Test
    void reloadsEveryMemberAlthoughOneIsAway() {
        CliHarness.Run run = cli.run("reload", "--force");

        assertThat(run.code()).isEqualTo(3);
        assertThat(cli.requests()).hasSize(3);
        assertThat(run.err()).contains("pg-test-3: connection refused");
    }

    @Test
    void reinitializesStandbysOnly() {
        answersDone();

        assertThat(cli.run("reinit", "pg-test-1", "--force").code()).isEqualTo(4);
        assertThat(cli.run("reinit", "pg-test-3", "--force", "--from-leader").code()).isZero();
        assertThat(cli.requests())
                .containsExactly(
                        "pg-test-3 POST /reinitialize {\"force\":true,\"from_leader\":true}");
    }

    @Test
    void pausesAndResumes() {
        assertThat(cli.run("pause").out()).isEqualTo("cluster pg-test is paused\n");
        assertThat(cli.view().isPaused()).isTrue();
        assertThat(cli.run("pause").out()).isEqualTo("cluster pg-test is paused already\n");
        assertThat(cli.run("switchover", "--force").code()).isEqualTo(4);

        assertThat(cli.run("resume").code()).isZero();
        assertThat(cli.view().isPaused()).isFalse();
        assertThat(cli.run("show-config", "-o", "json").out()).doesNotContain("pause");
    }

    @Test
    void changesTheConfigurationAndShowsTheDifference() {
        CliHarness.Run run =
                cli.types("y").run("edit-config", "-s", "ttl=40", "-p", "work_mem=8MB");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("-ttl: 30\n+ttl: 40\n")
                .contains("-    work_mem: 4MB\n+    work_mem: 8MB\n")
                .endsWith("configuration changed\n");
        assertThat(cli.run("show-config").out())
                .isEqualTo(
                        """
                        ttl: 40
                        loop_wait: 10
                        retry_timeout: 10
                        postgresql:
                          parameters:
                            work_mem: 8MB
                        """);
    }

    @Test
    void refusesAConfigurationThatWouldBeWrong() {
        CliHarness.Run run = cli.run("edit-config", "--force", "-s", "ttl=1", "-s", "loop_wait=x");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("nothing was written").contains("ttl").contains("loop_wait");
        assertThat(cli.run("show-config").out()).contains("ttl: 30");
    }

    @Test
    void mergesAndReplacesFromStandardInput() {
        assertThat(
                        cli.pipes("postgresql:\n  parameters:\n    work_mem: null\n")
                                .run("edit-config", "--apply", "-", "--force", "-q")
                                .code())
                .isZero();
        assertThat(cli.run("show-config").out()).contains("ttl: 30").doesNotContain("work_mem");

        assertThat(
                        cli.pipes("{\"ttl\": 50}")
                                .run("edit-config", "--replace", "-", "--force")
                                .code())
                .isZero();
        assertThat(cli.run("show-config").out()).isEqualTo("ttl: 50\n");
    }

    @Test
    void opensAnEditorOnATerminalOnly() {
        CliHarness.Run run = cli.run("edit-config");

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("use -s, -p, --apply or --replace with --force");
    }

    @Test
    void removesOnlyAfterThreeAnswers() {
        assertThat(cli.types("pg-test", "Yes I am aware", "pg-test-3").run("remove").code())
                .isEqualTo(4);
        assertThat(cli.run("remove", "--force").code()).isEqualTo(2);
        assertThat(cli.run("remove", "other", "--force").code()).isEqualTo(4);
        assertThat(cli.view().members()).hasSize(3);

        CliHarness.Run run = cli.types("pg-test", "Yes I am aware", "pg-test-1").run("remove");

        assertThat(run.code()).isZero();
        assertThat(cli.view().members()).isEmpty();
    }

    @Test
    void cancelsAScheduledSwitchover() {
        cli.put(
                "failover",
                "{\"leader\":\"pg-test-1\",\"scheduled_at\":\"2999-01-01T00:00:00+00:00\"}");

        assertThat(cli.run("flush", "switchover", "--force").code()).isZero();
        assertThat(cli.view().switchover()).isNull();
        assertThat(cli.run("flush", "switchover", "--force").out())
                .isEqualTo("nothing is scheduled\n");
    }

    @Test
    void asksMembersForTheirVersion() {
        cli.members(
                (member, method, path, body) ->
                        new MemberApi.Answer(200, "{\"server_version\": 150018}"));

        assertThat(cli.run("version", "pg-test-2", "-o", "tsv").out())
                .isEqualTo("Member\tAgent\tPostgreSQL\npg-test-2\tpgnode-0.1.0\t15.18\n");
    }

    @Test
    void waitsUntilEveryMemberHasSeenThePause() {
        List<Member> one =
                List.of(member(N1, 15432, MemberRole.PRIMARY, "running", 1, 1, Map.of()));
        CliHarness single = new CliHarness().cluster("pg-test-1", CONFIG, one);

        assertThat(single.run("resume", "--wait").out())
                .isEqualTo("cluster pg-test is not paused\nevery member has seen it\n");
    }
}
