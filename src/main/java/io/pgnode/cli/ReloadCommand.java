package io.pgnode.cli;

import io.pgnode.cluster.Member;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "reload",
        description = "Let members read their configuration again.",
        footer = {"", "A wrong configuration is refused as a whole; the old one stays in force."})
final class ReloadCommand extends ClusterCommand {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Mixin MemberSelection selection = new MemberSelection();

    @Option(names = "--force", description = "Do not ask.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        List<Member> members = selection.select(session.read());
        if (!force) {
            String names =
                    members.stream().map(m -> m.name().value()).collect(Collectors.joining(", "));
            console.confirm("Reload " + names + "?");
        }
        return new MemberActions(console, session.api())
                .run(members, "POST", "/reload", "", TIMEOUT, true);
    }
}
