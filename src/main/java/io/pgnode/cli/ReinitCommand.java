package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.pgnode.cli.text.Json;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "reinit",
        description = "Copy the data of standbys anew; their old data is renamed aside.")
final class ReinitCommand extends ClusterCommand {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Parameters(paramLabel = "MEMBER", arity = "1..*", description = "Names of standbys.")
    List<String> names = List.of();

    @Option(names = "--wait", description = "Stay until they stream again, and show the progress.")
    boolean wait;

    @Option(names = "--from-leader", description = "Copy from the leader, not from a standby.")
    boolean fromLeader;

    @Option(names = "--force", description = "Do not ask, and cancel work under way on the member.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        ClusterView view = session.read();
        List<Member> members = new ArrayList<>();
        for (String name : names) {
            Member member = Names.member(view, name);
            if (view.isLeader(member.name())) {
                throw new CliException(
                        ExitCode.REFUSED,
                        name + " is the leader: its data is what the others copy",
                        "pgnode switchover first");
            }
            members.add(member);
        }
        if (view.leader() == null) {
            throw new CliException(
                    ExitCode.REFUSED, "the cluster has no leader to copy from", "see pgnode list");
        }
        if (!force) {
            String list =
                    members.stream().map(m -> m.name().value()).collect(Collectors.joining(", "));
            console.confirm("Reinitialize " + list + "?");
        }
        String body =
                Json.compact(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("force", force)
                                .put("from_leader", fromLeader));
        ExitCode started =
                new MemberActions(console, session.api())
                        .run(members, "POST", "/reinitialize", body, TIMEOUT, true);
        return started == ExitCode.OK && wait
                ? new ReinitProgress(console, session, members).follow()
                : started;
    }
}
