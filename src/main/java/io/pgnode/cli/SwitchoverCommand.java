package io.pgnode.cli;

import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.view.MemberTable;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SwitchoverRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "switchover",
        description = "Move the primary to another member, without losing anything.",
        footer = {
            "",
            "The old primary shuts down cleanly first, and becomes a standby of the new one.",
            "Without --candidate the best standby takes over.",
        })
final class SwitchoverCommand extends ClusterCommand {
    @Option(
            names = {"--leader", "--primary"},
            paramLabel = "MEMBER",
            description = "Refuse when another member leads.")
    @Nullable String leader;

    @Option(names = "--candidate", paramLabel = "MEMBER", description = "Who should lead.")
    @Nullable String candidate;

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
        SwitchoverRequest request = check(view, Schedule.parse(scheduled, Instant.now()));
        if (!force) {
            console.note(
                    OutputFormat.table.render(
                            MemberTable.of(view, session.scope()), console.look()));
            String to =
                    request.candidate() == null ? "the best standby" : request.candidate().value();
            String when = request.scheduledAt() == null ? "now" : "at " + request.scheduledAt();
            console.confirm(
                    "Switch over from " + request.leader() + " to " + to + " " + when + "?");
        }
        return new LeaderChange(console, session, view, request).run();
    }

    private SwitchoverRequest check(ClusterView view, @Nullable Instant at) {
        if (view.leader() == null) {
            throw refused("the cluster has no leader to switch over from", "use pgnode failover");
        }
        if (leader != null && !view.isLeader(Names.member(view, leader).name())) {
            throw refused("the leader is " + view.leader().name() + ", not " + leader, "");
        }
        if (view.isPaused() && candidate == null) {
            throw refused(
                    "the cluster is paused: it does not choose a candidate by itself",
                    "name one with --candidate, or pgnode resume first");
        }
        if (view.isPaused() && at != null) {
            throw refused("the cluster is paused: nothing can be scheduled", "pgnode resume first");
        }
        List<Member> standbys =
                view.members().values().stream().filter(m -> !view.isLeader(m.name())).toList();
        if (standbys.isEmpty()) {
            throw refused("there is no other member that could take over", "");
        }
        Member to = candidate == null ? null : Names.member(view, candidate);
        if (to != null && view.isLeader(to.name())) {
            throw refused(to.name() + " is the leader already", "");
        }
        return new SwitchoverRequest(view.leader().name(), to == null ? null : to.name(), at, 0);
    }

    private static CliException refused(String message, String hint) {
        return new CliException(ExitCode.REFUSED, message, hint);
    }
}
