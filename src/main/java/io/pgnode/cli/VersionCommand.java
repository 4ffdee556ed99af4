package io.pgnode.cli;

import io.pgnode.Pgnode;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Show the version of this program, or of the members.")
final class VersionCommand extends CliCommand {
    @Override
    ExitCode run(Console console) {
        console.println("pgnode " + Pgnode.VERSION);
        return ExitCode.OK;
    }
}
