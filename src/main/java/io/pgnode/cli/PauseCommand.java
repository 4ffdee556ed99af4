package io.pgnode.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "pause",
        description = "Suspend automatic failover (maintenance mode).",
        footer = {
            "",
            "PostgreSQL goes on, replication too. Nobody is promoted, demoted, started or stopped",
            "until pgnode resume.",
        })
final class PauseCommand extends ClusterCommand {
    @Option(names = "--wait", description = "Stay until every member has seen it.")
    boolean wait;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        return new PauseSwitch(console, session).turn(true, wait);
    }
}
