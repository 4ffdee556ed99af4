package io.pgnode.cli;

import io.pgnode.cli.view.HistoryTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "history", description = "Show past failovers and switchovers.")
final class HistoryCommand extends ClusterCommand {
    @Mixin OutputOptions output = new OutputOptions();

    @Override
    ExitCode run(Console console, ClusterSession session) {
        console.print(output.format, HistoryTable.of(session.read().history()));
        return ExitCode.OK;
    }
}
