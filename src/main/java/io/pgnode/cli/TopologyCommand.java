package io.pgnode.cli;

import io.pgnode.cli.view.TopologyTree;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "topology",
        description = "Show the members as a tree: who streams from whom.",
        footer = {"", "Exit code 3: no leader."})
final class TopologyCommand extends ClusterCommand {
    @Mixin OutputOptions output = new OutputOptions();
    @Mixin WatchOptions watch = new WatchOptions();

    @Override
    ExitCode run(Console console, ClusterSession session) {
        return new ViewPrinter(console, session, output.format, TopologyTree::of).run(watch);
    }
}
