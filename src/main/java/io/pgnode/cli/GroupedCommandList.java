package io.pgnode.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;

/** Lists the subcommands under the headings of {@link CommandGroups}. */
final class GroupedCommandList implements IHelpSectionRenderer {
    private static final int NAME_WIDTH = 14;

    @Override
    public String render(Help help) {
        if (!(help.commandSpec().userObject() instanceof PgnodeCommand)) {
            return help.commandList();
        }
        StringBuilder text = new StringBuilder();
        Map<String, CommandLine> subcommands = help.commandSpec().subcommands();
        for (CommandGroups.Group group : CommandGroups.ALL.groups()) {
            text.append("\n@|bold ").append(group.heading()).append(":|@\n");
            for (String name : group.commands()) {
                CommandLine command = subcommands.get(name);
                if (command != null) {
                    text.append("  @|yellow ").append(name).append("|@");
                    text.repeat(" ", Math.max(1, NAME_WIDTH - name.length()));
                    text.append(description(command)).append('\n');
                }
            }
        }
        return help.ansi().string(text.toString());
    }

    private static String description(CommandLine command) {
        String[] lines = command.getCommandSpec().usageMessage().description();
        String[] aliases = command.getCommandSpec().aliases();
        String first = lines.length == 0 ? "" : lines[0];
        String more = aliases.length == 0 ? "" : " (also: " + String.join(", ", aliases) + ")";
        return first + more;
    }
}
