package io.pgnode.cli;

import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.view.MemberTable;
import io.pgnode.cluster.ClusterView;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "remove",
        description = "Delete all keys of a cluster from the DCS; no data directory is touched.",
        footer = {
            "",
            "Stop its nodes first: members that run write their keys again, and a leader without",
            "its key stops accepting writes.",
        })
final class RemoveCommand extends ClusterCommand {
    private static final String AWARE = "Yes I am aware";

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "Name of the cluster; needed with --force.")
    @Nullable String name;

    @Option(names = "--force", description = "Do not ask; NAME must be given.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        if (name != null && !name.equals(session.scope())) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "the cluster is \"" + session.scope() + "\", not \"" + name + "\"",
                    "choose another one with -c or --cluster");
        }
        ClusterView view = session.read();
        if (!force) {
            console.note(
                    OutputFormat.table.render(
                            MemberTable.of(view, session.scope()), console.look()));
            ask(console, session.scope(), view);
        } else if (name == null) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--force needs the name of the cluster",
                    "pgnode remove " + session.scope() + " --force");
        }
        session.get(session.store().deleteCluster());
        console.println("the keys of cluster " + session.scope() + " are deleted");
        return ExitCode.OK;
    }

    private static void ask(Console console, String scope, ClusterView view) {
        expect(console, "Please confirm the cluster name to remove: ", scope);
        expect(
                console,
                "You are about to remove all information in the DCS for "
                        + scope
                        + ", please type: \""
                        + AWARE
                        + "\": ",
                AWARE);
        if (view.leader() != null) {
            expect(
                    console,
                    "This cluster is alive. Please specify the leader name to continue: ",
                    view.leader().name().value());
        }
    }

    private static void expect(Console console, String question, String answer) {
        if (!console.ask(question, "NAME and --force").equals(answer)) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "not the expected answer \"" + answer + "\", nothing was removed",
                    "");
        }
    }
}
