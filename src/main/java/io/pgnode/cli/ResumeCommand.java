package io.pgnode.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "resume", description = "End the maintenance mode: failover is automatic again.")
final class ResumeCommand extends ClusterCommand {
    @Option(names = "--wait", description = "Stay until every member has seen it.")
    boolean wait;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        return new PauseSwitch(console, session).turn(false, wait);
    }
}
