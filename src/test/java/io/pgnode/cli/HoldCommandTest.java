package io.pgnode.cli;

import static io.pgnode.cli.view.SampleViews.N1;
import static io.pgnode.cli.view.SampleViews.N2;
import static io.pgnode.cli.view.SampleViews.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.feed.HoldDesk;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldServer;
import io.pgnode.feed.HoldStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HoldCommandTest {
    @TempDir Path directory;
    private final CliHarness cli = new CliHarness();

    /** Writes down what it is asked. */
    private static final class Desk implements HoldDesk {
        final List<String> asked = new CopyOnWriteArrayList<>();

        @Override
        public CompletableFuture<HoldStatus> hold(HoldRequest request) {
            asked.add(request.toString());
            return CompletableFuture.completedFuture(new HoldStatus(true, 3, 0));
        }

        @Override
        public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
            return new CompletableFuture<>();
        }

        @Override
        public void release(String owner, HoldScope scope) {
            asked.add("release " + owner + " " + scope);
        }

        @Override
        public HoldStatus status(HoldScope scope) {
            return new HoldStatus(false, 41, 0);
        }
    }

    private Path configuration() throws IOException {
        Path file = directory.resolve("pgnode.yml");
        Files.writeString(
                file, "cluster: pg-test\nseq: 1\naddress: 127.0.0.1\nrun-dir: " + directory + "\n");
        return file;
    }

    @Test
    void holdsAndReleasesTheClientsOfThisNode() throws IOException {
        Desk desk = new Desk();
        try (HoldServer server =
                new HoldServer(directory.resolve("gateway.sock"), desk, () -> List.of())) {
            server.start();
            String file = configuration().toString();

            assertThat(cli.run("hold", "-c", file, "--scope", "local", "--for", "2m").out())
                    .isEqualTo("held, transactions open: 3, clients waiting: 0\n");
            assertThat(cli.run("hold", "-c", file).code()).isZero();
            assertThat(cli.run("release", "-c", file, "--scope", "local").out())
                    .isEqualTo("not held, transactions open: 41, clients waiting: 0\n");
        }
        assertThat(desk.asked)
                .containsExactly(
                        "HoldRequest[owner=operator, scope=LOCAL, epoch=9223372036854775807,"
                                + " limit=PT2M]",
                        "HoldRequest[owner=operator, scope=PRIMARY, epoch=9223372036854775807,"
                                + " limit=PT30S]",
                        "release operator LOCAL");
    }

    @Test
    void saysSoWhenThereIsNoGateway() throws IOException {
        CliHarness.Run run = cli.run("hold", "-c", configuration().toString());

        assertThat(run.code()).isEqualTo(ExitCode.UNAVAILABLE.code());
        assertThat(run.err()).contains("the gateway does not run").contains("gateway.enabled");
    }

    @Test
    void refusesTimesThatMakeNoSense() throws IOException {
        String file = configuration().toString();
        assertThat(cli.run("hold", "-c", file, "--for", "2h").code())
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.run("hold", "-c", file, "--for", "soon").code())
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(cli.run("hold", "-c", file, "--scope", "all").code())
                .isEqualTo(ExitCode.USAGE.code());
    }

    @Test
    void asksEveryMemberWithAll() {
        List<Member> members =
                List.of(
                        member(N1, 15432, MemberRole.PRIMARY, "running", 64, 2, Map.of()),
                        member(N2, 25432, MemberRole.REPLICA, "running", 64, 2, Map.of()));
        cli.cluster("pg-test-1", "{\"ttl\":30}", members);
        cli.members(
                (member, method, path, body) ->
                        member.name().value().endsWith("1")
                                ? new MemberApi.Answer(
                                        200, "{\"held\": true, \"open\": 2, \"waiting\": 5}")
                                : new MemberApi.Answer(503, "the gateway does not run: x"));

        CliHarness.Run run = cli.run("hold", "--all", "--for", "10s");

        assertThat(run.code()).isEqualTo(ExitCode.FAILED.code());
        assertThat(run.out())
                .isEqualTo("pg-test-1: held, transactions open: 2, clients waiting: 5\n");
        assertThat(run.err()).contains("pg-test-2: the gateway does not run: x");
        assertThat(cli.requests())
                .containsExactly(
                        "pg-test-1 POST /hold"
                                + " {\"owner\":\"operator\",\"scope\":\"primary\",\"limit_ms\":10000}",
                        "pg-test-2 POST /hold"
                                + " {\"owner\":\"operator\",\"scope\":\"primary\",\"limit_ms\":10000}");
        cli.run("release", "--all");
        assertThat(cli.requests())
                .contains("pg-test-2 POST /release {\"owner\":\"operator\",\"scope\":\"primary\"}");
    }
}
