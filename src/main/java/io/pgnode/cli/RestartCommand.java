package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Json;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "restart",
        description = "Restart PostgreSQL of members: standbys first, the leader last.",
        footer = {"", "Stops at the first member that fails."})
final class RestartCommand extends ClusterCommand {
    /**
     * How long a restart may take when the operator gives no limit; shutdown checkpoints are long.
     */
    private static final Duration LONGEST = Duration.ofHours(1);

    private static final Duration GRACE = Duration.ofSeconds(30);

    @Mixin MemberSelection selection = new MemberSelection();

    @Option(names = "--any", description = "Only one of them, chosen at random.")
    boolean any;

    @Option(names = "--pending", description = "Only where changed parameters wait for a restart.")
    boolean pending;

    @Option(
            names = "--pg-version",
            paramLabel = "VERSION",
            description = "Only where PostgreSQL is older, such as 15.8.")
    @Nullable String version;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Give up after this time (30, 30s, 5m); a primary is failed over then.")
    @Nullable String timeout;

    @Option(
            names = "--scheduled",
            paramLabel = "TIME",
            description = "When, as 2026-12-24T18:00:00+01:00 (default: now).")
    @Nullable String scheduled;

    @Option(names = "--force", description = "Do not ask.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        ClusterView view = session.read();
        Instant at = Schedule.parse(scheduled, Instant.now());
        if (at != null && view.isPaused()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "the cluster is paused: nothing can be scheduled",
                    "pgnode resume first");
        }
        Duration limit = timeout == null ? null : Seconds.parse("--timeout", timeout);
        List<Member> members = members(view);
        if (!force) {
            String names =
                    members.stream().map(m -> m.name().value()).collect(Collectors.joining(", "));
            console.confirm("Restart " + names + (at == null ? " now" : " at " + at) + "?");
        }
        return new MemberActions(console, session.api())
                .run(
                        members,
                        "POST",
                        "/restart",
                        body(at, limit),
                        limit == null ? LONGEST : limit.plus(GRACE),
                        at != null);
    }

    private List<Member> members(ClusterView view) {
        List<Member> members = selection.select(view);
        if (pending) {
            members.removeIf(member -> member.pendingRestart().isEmpty());
        }
        if (members.isEmpty()) {
            throw new CliException(ExitCode.REFUSED, "no member waits for a restart", "");
        }
        return any
                ? List.of(members.get(ThreadLocalRandom.current().nextInt(members.size())))
                : members;
    }

    private String body(@Nullable Instant at, @Nullable Duration limit) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        switch (selection.role) {
            case leader, primary -> body.put("role", "primary");
            case replica, standby -> body.put("role", "replica");
            case any -> {}
        }
        if (version != null) {
            body.put("postgres_version", version);
        }
        if (limit != null) {
            body.put("timeout", limit.toSeconds());
        }
        if (pending) {
            body.put("restart_pending", true);
        }
        if (at != null) {
            body.put("schedule", at.toString());
        }
        return Json.compact(body);
    }
}
