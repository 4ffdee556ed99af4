package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.Pgnode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PgnodeCommandTest {
    private final CliHarness cli = new CliHarness();

    @Test
    void everyCommandStandsInOneGroup() {
        CommandLine line = PgnodeCommandLine.create(new PgnodeCommand());
        Set<String> names = new TreeSet<>();
        line.getSubcommands().values().forEach(command -> names.add(command.getCommandName()));
        List<String> grouped =
                CommandGroups.ALL.groups().stream()
                        .flatMap(group -> group.commands().stream())
                        .toList();

        assertThat(grouped).containsAll(names).doesNotHaveDuplicates();
    }

    @Test
    void helpShowsCommandsExamplesAndExitCodes() {
        CliHarness.Run run = cli.run("--help");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("Change a cluster:\n  switchover    Move the primary")
                .contains("(also: status)")
                .contains("pgnode demo ")
                .contains("  130  stopped by Ctrl-C");
    }

    @Test
    void exitCodesAreDistinct() {
        Set<Integer> codes = new HashSet<>();
        for (ExitCode code : ExitCode.values()) {
            assertThat(codes.add(code.code())).isTrue();
        }
    }

    @Test
    void suggestsTheNearestCommandAndOption() {
        CliHarness.Run command = cli.run("swichover");
        assertThat(command.code()).isEqualTo(2);
        assertThat(command.err())
                .isEqualTo(
                        """
                        pgnode: error: unknown command "swichover"
                        HINT: did you mean switchover? see pgnode --help
                        """);

        assertThat(cli.run("switchover", "--candidat", "x").err())
                .contains("unknown option \"--candidat\"")
                .contains("did you mean --candidate");
    }

    @Test
    void withoutACommandItShowsHelpAndFails() {
        CliHarness.Run run = cli.run();

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("Usage: pgnode");
    }

    @Test
    void neverShowsAStackTraceUnlessAsked() {
        assertThat(cli.run("list").err()).doesNotContain("\tat ");
        assertThat(cli.run("list", "--debug").err()).contains("\tat ");
    }

    @Test
    void colourIsOnlyThereWhenWanted() {
        assertThat(cli.run("list", "--color=always").err()).contains("\033[31mpgnode: error:");
        assertThat(cli.run("list").err()).doesNotContain("\033");
    }

    @Test
    void printsItsVersionWithoutACluster() {
        assertThat(cli.run("version").out()).isEqualTo("pgnode " + Pgnode.VERSION + "\n");
        assertThat(cli.run("--version").out()).isEqualTo("pgnode " + Pgnode.VERSION + "\n");
    }

    @Test
    void printsCompletionForEveryCommand() {
        assertThat(cli.run("completion", "bash").out())
                .contains("complete -F _complete_pgnode")
                .contains("switchover")
                .contains("--candidate");
    }

    @Test
    void servicesAreFoundBehindOptions() {
        assertThat(Main.isService(List.of("--color", "never", "run", "-c", "x"))).isTrue();
        assertThat(Main.isService(List.of("--debug", "list"))).isFalse();
        assertThat(Main.isService(List.of())).isFalse();
    }
}
