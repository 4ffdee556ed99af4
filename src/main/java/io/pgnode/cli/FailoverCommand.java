package io.pgnode.cli;

import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.view.MemberLag;
import io.pgnode.cli.view.MemberTable;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SwitchoverRequest;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "failover",
        description = "Make a member primary although the leader is gone; may lose data.",
        footer = {
            "",
            "For a cluster that does not elect a leader by itself: no leader, paused, or all",
            "candidates are too far behind. While a leader is healthy, use switchover.",
        })
final class FailoverCommand extends ClusterCommand {
    @Option(
            names = "--candidate",
            required = true,
            paramLabel = "MEMBER",
            description = "Who should lead.")
    @Nullable String candidate;

    @Option(names = "--force", description = "Do not ask.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        ClusterView view = session.read();
        Member to = Names.member(view, String.valueOf(candidate));
        if (view.isLeader(to.name())) {
            throw new CliException(ExitCode.REFUSED, to.name() + " is the leader already", "");
        }
        if (!force) {
            console.note(
                    OutputFormat.table.render(
                            MemberTable.of(view, session.scope()), console.look()));
            warn(console, view, to);
            console.confirm("Fail over to " + to.name() + "?");
        }
        SwitchoverRequest request = new SwitchoverRequest(null, to.name(), null, 0);
        return new LeaderChange(console, session, view, request).run();
    }

    private static void warn(Console console, ClusterView view, Member to) {
        boolean safe = view.sync().standbys().contains(to.name());
        if (safe) {
            return;
        }
        OptionalLong lag = MemberLag.bytes(view, to);
        String loss =
                lag.isEmpty()
                        ? "how much it misses is unknown"
                        : "it misses at least " + lag.getAsLong() + " bytes of WAL";
        console.note(
                Style.WARNING,
                to.name() + " is no synchronous standby: commits may be lost; " + loss);
    }
}
