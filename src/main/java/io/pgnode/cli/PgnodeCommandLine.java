package io.pgnode.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Gives picocli our help, our error messages and our exit codes. */
final class PgnodeCommandLine {
    private static final int HELP_WIDTH = 100;
    private static final int EXAMPLES_INDENT = 40;

    private static final String[][] EXAMPLES = {
        {"pgnode demo", "a cluster of three nodes on this machine"},
        {"pgnode run -c /etc/pgnode/pgnode.yml", "run this node (as systemd does)"},
        {"pgnode list", "members, roles and lag"},
        {"pgnode switchover --candidate pg-test-2", "move the primary, on purpose"},
        {"pgnode list -w", "watch the cluster"},
    };

    private PgnodeCommandLine() {}

    static CommandLine create(PgnodeCommand top) {
        CommandLine line = new CommandLine(top);
        for (CommandLine command : line.getSubcommands().values()) {
            if (!command.getCommandSpec().optionsMap().containsKey("--help")) {
                command.getCommandSpec().mixinStandardHelpOptions(true);
            }
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpWidth(HELP_WIDTH);
        line.setColorScheme(
                Help.defaultColorScheme(
                        top.surroundings().terminal().colourOnOutput(ColorMode.auto)
                                ? Help.Ansi.ON
                                : Help.Ansi.OFF));
        line.setUsageHelpLongOptionsMaxWidth(32);
        line.setParameterExceptionHandler((e, args) -> badParameter(e, top));
        line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, command, top));
        line.setExecutionStrategy(PgnodeCommandLine::execute);
        line.getCommandSpec().usageMessage().footer(footer());
        line.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
        line.getHelpSectionMap()
                .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new GroupedCommandList());
        return line;
    }

    /** Without a command there is nothing to do but to say which there are. */
    private static int execute(ParseResult parsed) {
        if (!parsed.hasSubcommand()
                && !parsed.isUsageHelpRequested()
                && !parsed.isVersionHelpRequested()) {
            CommandLine line = parsed.commandSpec().commandLine();
            line.usage(line.getErr());
            return ExitCode.USAGE.code();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static int badParameter(CommandLine.ParameterException e, PgnodeCommand top) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        String message = lowerCaseFirst(String.valueOf(e.getMessage()));
        List<String> near =
                e instanceof UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        if (e instanceof UnmatchedArgumentException unmatched) {
            String what =
                    unmatched.isUnknownOption()
                            ? "option"
                            : line.getSubcommands().isEmpty() ? "argument" : "command";
            message = "unknown " + what + " \"" + unmatched.getUnmatched().getFirst() + "\"";
        }
        String help = "see " + name + " --help";
        String hint = near.isEmpty() ? help : "did you mean " + near.getFirst() + "? " + help;
        return print(new ErrorReport(ExitCode.USAGE, message, hint), line, top);
    }

    private static int failed(Exception e, CommandLine line, PgnodeCommand top) {
        if (top.debug) {
            e.printStackTrace(line.getErr());
        }
        return print(ErrorReport.of(e), line, top);
    }

    private static int print(ErrorReport report, CommandLine line, PgnodeCommand top) {
        boolean colour = top.surroundings().terminal().colourOnError(top.color);
        line.getErr().print(report.text(colour));
        line.getErr().flush();
        return report.exitCode().code();
    }

    private static String lowerCaseFirst(String text) {
        boolean word = text.length() > 1 && Character.isLowerCase(text.charAt(1));
        return word ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
    }

    private static String[] footer() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("@|bold Examples:|@");
        for (String[] example : EXAMPLES) {
            int gap = Math.max(1, EXAMPLES_INDENT - example[0].length());
            lines.add("  @|yellow " + example[0] + "|@" + " ".repeat(gap) + example[1]);
        }
        lines.add("");
        lines.add("@|bold Exit codes:|@");
        for (ExitCode code : ExitCode.values()) {
            lines.add("  %3d  %s".formatted(code.code(), code.meaning()));
        }
        return lines.toArray(String[]::new);
    }
}
