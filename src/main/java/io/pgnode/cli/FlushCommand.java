package io.pgnode.cli;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "flush", description = "Cancel a scheduled switchover or scheduled restarts.")
final class FlushCommand extends ClusterCommand {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** What to cancel. */
    enum What {
        switchover,
        restart
    }

    @Parameters(index = "0", paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}.")
    @Nullable What what;

    @Parameters(
            index = "1..*",
            paramLabel = "MEMBER",
            description = "Members whose restart to cancel (default: all).")
    List<String> names = List.of();

    @Option(names = "--force", description = "Do not ask.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        ClusterView view = session.read();
        return what == What.restart
                ? restarts(console, session, view)
                : switchover(console, session, view);
    }

    private ExitCode switchover(Console console, ClusterSession session, ClusterView view) {
        if (view.switchover() == null) {
            console.println("nothing is scheduled");
            return ExitCode.OK;
        }
        if (!force) {
            console.confirm("Cancel the scheduled switchover?");
        }
        long revision = view.switchover().modRevision();
        if (!session.get(session.store().writeSwitchover(null, revision))) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "the request has changed or begun meanwhile",
                    "see pgnode list");
        }
        console.println("the scheduled switchover is cancelled");
        return ExitCode.OK;
    }

    private ExitCode restarts(Console console, ClusterSession session, ClusterView view) {
        List<Member> members =
                (names.isEmpty()
                                ? view.members().values().stream()
                                : names.stream().map(name -> Names.member(view, name)))
                        .filter(member -> !member.scheduledRestart().isEmpty())
                        .toList();
        if (members.isEmpty()) {
            console.println("nothing is scheduled");
            return ExitCode.OK;
        }
        if (!force) {
            console.confirm("Cancel " + members.size() + " scheduled restarts?");
        }
        return new MemberActions(console, session.api())
                .run(members, "DELETE", "/restart", "", TIMEOUT, true);
    }
}
