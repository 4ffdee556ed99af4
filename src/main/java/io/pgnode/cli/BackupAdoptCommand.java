package io.pgnode.cli;

import io.pgnode.backup.adopt.Adoption;
import io.pgnode.backup.adopt.BackrestConfig;
import io.pgnode.backup.adopt.ReportLine;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "adopt",
        mixinStandardHelpOptions = true,
        description = {
            "Turn pgBackRest's configuration into the section backup of ours.",
            "Prints it with a report of each key, and changes nothing; with --write it is",
            "written to a file. The repositories go on as they are."
        })
final class BackupAdoptCommand extends CliCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description =
                    "pgbackrest.conf, or a directory of such files (default: ${DEFAULT-VALUE}).")
    Path source = Path.of("/etc/pgbackrest/pgbackrest.conf");

    @Option(
            names = "--stanza",
            paramLabel = "NAME",
            description = "Which stanza (default: the only one).")
    @Nullable String stanza;

    @Option(
            names = "--secrets",
            paramLabel = "DIRECTORY",
            defaultValue = "/etc/pgnode",
            description = "Where files with pass phrases and keys go (default: ${DEFAULT-VALUE}).")
    Path secrets = Path.of("/etc/pgnode");

    @Option(
            names = "--write",
            paramLabel = "FILE",
            description =
                    "Write the section there, and the files of secrets. Nothing is overwritten.")
    @Nullable Path target;

    @Override
    ExitCode run(Console console) throws Exception {
        Adoption adoption = Adoption.of(BackrestConfig.read(source), stanza, secrets);
        List<List<Cell>> rows =
                adoption.report().stream()
                        .map(
                                line ->
                                        List.of(
                                                Cell.of(line.key()),
                                                Cell.of(line.place()),
                                                Cell.of(line.verdict().words(), style(line)),
                                                Cell.of(line.text())))
                        .toList();
        console.note(
                OutputFormat.table.render(
                        new Table(
                                "Stanza: " + adoption.stanza(),
                                List.of(
                                        Column.text("Key"),
                                        Column.text("Place"),
                                        Column.text("Verdict"),
                                        Column.text("Here")),
                                rows),
                        console.look()));
        console.print(adoption.printable());
        if (target != null) {
            adoption.write(target);
            console.note(
                    "written to "
                            + target
                            + "; put it into the configuration of each node, and restart pgnode");
        }
        return adoption.isComplete() ? ExitCode.OK : ExitCode.REFUSED;
    }

    private static Style style(ReportLine line) {
        return switch (line.verdict()) {
            case REFUSED -> Style.BAD;
            case TAKEN -> Style.GOOD;
            case OTHER_FORM, IGNORED -> Style.PLAIN;
        };
    }
}
