package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Json;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.view.ClusterChanges;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SwitchoverRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the cluster for another leader and tells what happens until it is there.
 *
 * <p>The wish goes to the REST API of the leader (of the candidate when nobody leads). When no
 * member can be reached it is written to the DCS, where the members find it.
 */
final class LeaderChange {
    /** How often the answer of the member is looked for while the views come. */
    private static final Duration GLANCE = Duration.ofMillis(50);

    /** How long a new leader may take from the member's answer until its key says primary. */
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final Console console;
    private final ClusterSession session;
    private final SwitchoverRequest request;
    private final long startNanos = System.nanoTime();
    private ClusterView last;

    LeaderChange(
            Console console, ClusterSession session, ClusterView view, SwitchoverRequest request) {
        this.console = console;
        this.session = session;
        this.request = request;
        this.last = view;
    }

    ExitCode run() {
        ClusterView before = last;
        try (ViewWatch watch = new ViewWatch(session.store())) {
            say(started());
            MemberApi.Answer answer = ask(watch);
            if (answer == null) {
                writeKey();
                return request.scheduledAt() == null ? finish(before, watch) : done("scheduled");
            }
            if (!answer.isSuccess()) {
                throw new CliException(answer.exitCode(), answer.text().strip(), answer.hint());
            }
            if (answer.status() == 202) {
                return done(answer.text().strip());
            }
            return finish(before, watch);
        }
    }

    private String started() {
        String kind = request.isFailover() ? "failover" : "switchover";
        String from = request.leader() == null ? "" : " from " + request.leader();
        String to = request.candidate() == null ? "" : " to " + request.candidate();
        return kind
                + from
                + to
                + (request.scheduledAt() == null ? "" : " at " + request.scheduledAt());
    }

    private ExitCode done(String text) {
        console.println(text);
        return ExitCode.OK;
    }

    /** The answer of the first member that can be reached; null when there is none. */
    private MemberApi.@Nullable Answer ask(ViewWatch watch) {
        String path = request.isFailover() ? "/failover" : "/switchover";
        for (Member member : askable()) {
            try {
                return callAndWatch(member, path, watch);
            } catch (MemberApi.NotReached e) {
                console.note(
                        Style.WARNING, member.name() + " cannot be reached: " + e.getMessage());
            } catch (IOException e) {
                // The member may have seen the request: the views tell whether it has.
                console.note(Style.WARNING, member.name() + " does not answer: " + e.getMessage());
                return new MemberApi.Answer(200, "");
            }
        }
        console.note(Style.WARNING, "no member can be asked: writing the request to the DCS");
        return null;
    }

    /** The leader, or when there is none whoever should become it. */
    private List<Member> askable() {
        List<Member> members = new ArrayList<>();
        if (last.leaderMember() != null) {
            members.add(last.leaderMember());
        } else if (request.candidate() != null && last.members().get(request.candidate()) != null) {
            members.add(Objects.requireNonNull(last.members().get(request.candidate())));
        }
        members.removeIf(member -> member.apiUrl().isEmpty());
        return members;
    }

    private MemberApi.Answer callAndWatch(Member member, String path, ViewWatch watch)
            throws IOException {
        Duration deadline = deadline();
        CompletableFuture<MemberApi.Answer> answer = new CompletableFuture<>();
        MemberApi api = session.api();
        Thread.startVirtualThread(
                () -> {
                    try {
                        answer.complete(api.call(member, "POST", path, body(), deadline));
                    } catch (IOException | RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                });
        while (!answer.isDone()) {
            show(watch.next(GLANCE));
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    private String body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (request.leader() != null) {
            body.put("leader", request.leader().value());
        }
        if (request.candidate() != null) {
            body.put("candidate", request.candidate().value());
        }
        if (request.scheduledAt() != null) {
            body.put("scheduled_at", request.scheduledAt().toString());
        }
        return Json.compact(body);
    }

    private void writeKey() {
        long revision = last.switchover() == null ? 0 : last.switchover().modRevision();
        if (!session.get(session.store().writeSwitchover(request, revision))) {
            throw new CliException(
                    ExitCode.REFUSED, "somebody else has asked for another leader meanwhile", "");
        }
    }

    /** Waits until the new leader accepts writes. */
    private ExitCode finish(ClusterView before, ViewWatch watch) {
        ClusterView now =
                isDone(before, last)
                        ? last
                        : watch.await(view -> isDone(before, view), wait(before), this::show);
        if (now == null) {
            throw new CliException(
                    ExitCode.FAILED,
                    "no other member has become primary within "
                            + wait(before).toSeconds()
                            + " s: the outcome is unknown",
                    "look at pgnode list and at the log of the leader");
        }
        LeaderKey leader = Objects.requireNonNull(now.leader());
        console.println("%s is the primary now, after %s s".formatted(leader.name(), elapsed()));
        return ExitCode.OK;
    }

    private Duration wait(ClusterView before) {
        return last.leader() != null && !last.leader().equals(before.leader())
                ? SETTLE
                : deadline();
    }

    private static boolean isDone(ClusterView before, ClusterView now) {
        Member leader = now.leaderMember();
        return leader != null
                && (before.leader() == null || !now.isLeader(before.leader().name()))
                && leader.role() == MemberRole.PRIMARY
                && leader.isRunning();
    }

    private Duration deadline() {
        Duration loop = last.config() == null ? Duration.ofSeconds(10) : last.config().loopWait();
        return Duration.ofSeconds(Math.max(10, loop.toSeconds()) * 2 + 2);
    }

    private void show(@Nullable ClusterView view) {
        if (view != null) {
            ClusterChanges.between(last, view).forEach(this::say);
            last = view;
        }
    }

    private void say(String text) {
        console.note(Style.FAINT, "%6s s  %s".formatted(elapsed(), text));
    }

    private String elapsed() {
        return "%.2f".formatted((System.nanoTime() - startNanos) / 1e9);
    }
}
