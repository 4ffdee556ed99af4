package io.pgnode.cli;

import io.pgnode.cli.text.Style;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.ConfigShow;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.Problem;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks at the configuration of this node without starting anything. */
@Command(
        name = "config",
        description = "Check or show the configuration of this node.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ConfigCommand.Check.class, ConfigCommand.Show.class})
final class ConfigCommand extends CliCommand {
    @Override
    ExitCode run(Console console) {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    /** A command about one file. */
    abstract static class OfFile extends CliCommand {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description =
                        "The configuration file (default: $$PGNODE_CONFIG, else"
                                + " /etc/pgnode/pgnode.yml).")
        @Nullable Path file;

        Path file(Console console) {
            ClusterOptions options = new ClusterOptions();
            options.config = file;
            return options.configFile(console.surroundings());
        }

        LoadedConfig load(Console console) throws ConfigProblems {
            return NodeConfiguration.load(file(console), console.surroundings().environment());
        }

        static void print(Console console, ConfigProblems problems) {
            boolean colour = console.look().colour();
            for (Problem problem : problems.problems()) {
                String where = Style.STRONG.paint(problem.where() + ":", colour);
                console.println(where + " " + problem.message());
                if (!problem.hint().isEmpty()) {
                    console.println(
                            "  " + Style.ACCENT.paint("HINT:", colour) + " " + problem.hint());
                }
            }
            int count = problems.problems().size();
            String summary = count == 1 ? "1 problem" : count + " problems";
            console.println(Style.BAD.paint("configuration is not valid: " + summary, colour));
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = {
                "Report everything that is wrong with the configuration.",
                "Exits with 0 when it is valid, else with 2."
            })
    static final class Check extends OfFile {
        @Override
        ExitCode run(Console console) {
            try {
                load(console);
            } catch (ConfigProblems e) {
                print(console, e);
                return ExitCode.USAGE;
            }
            boolean colour = console.look().colour();
            console.println(Style.GOOD.paint("configuration is valid", colour));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Show the effective configuration, with where each value comes from,",
                "and the longest time without writes that follows from the lease."
            })
    static final class Show extends OfFile {
        /** Where comments start, unless a line is longer. */
        private static final int COMMENT_COLUMN = 48;

        @Override
        ExitCode run(Console console) {
            LoadedConfig loaded;
            try {
                loaded = load(console);
            } catch (ConfigProblems e) {
                print(console, e);
                return ExitCode.USAGE;
            }
            ConfigShow.lines(loaded).forEach(line -> console.println(text(console, line)));
            List<String> recovery = ConfigShow.recovery(loaded.config());
            recovery.forEach(line -> console.println(comment(console, line)));
            return ExitCode.OK;
        }

        private static String text(Console console, ConfigShow.Line line) {
            if (line.comment().isEmpty()) {
                return line.yaml();
            }
            String gap = " ".repeat(Math.max(1, COMMENT_COLUMN - line.yaml().length()));
            return line.yaml() + gap + comment(console, line.comment());
        }

        private static String comment(Console console, String text) {
            return Style.FAINT.paint("# " + text, console.look().colour());
        }
    }
}
