package io.pgnode.cli;

import io.pgnode.cli.view.MemberTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "list",
        aliases = "status",
        description = "Show the members: role, state, timeline and lag.",
        footer = {
            "",
            "Reads the DCS only, so it works while members are down. Exit code 3: no leader.",
        })
final class ListCommand extends ClusterCommand {
    @Mixin OutputOptions output = new OutputOptions();
    @Mixin WatchOptions watch = new WatchOptions();

    @Override
    ExitCode run(Console console, ClusterSession session) {
        return new ViewPrinter(console, session, output.format, MemberTable::of).run(watch);
    }
}
