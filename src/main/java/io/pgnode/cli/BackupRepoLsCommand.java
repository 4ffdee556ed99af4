package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.LongNode;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.Storages;
import io.pgnode.cli.backup.Amounts;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "repo-ls",
        mixinStandardHelpOptions = true,
        description = "List the files of a repository.")
final class BackupRepoLsCommand extends BackupNodeCommand {
    @Option(
            names = "--repo",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "The repository (default: ${DEFAULT-VALUE}).")
    int repository = 1;

    @Option(names = "--recurse", description = "With all that is below.")
    boolean recurse;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "Directory in the repository (default: its root).")
    String path = "";

    @Mixin OutputOptions output = new OutputOptions();

    @Override
    ExitCode run(Console console, BackupNode node) throws IOException {
        RepositorySettings settings = node.repositories(repository).getFirst();
        String directory = path.replaceFirst("^/+", "").replaceFirst("/+$", "");
        try (Storage storage = Storages.open(settings.storage())) {
            List<ObjectInfo> found = recurse ? storage.walk(directory) : storage.list(directory);
            console.print(
                    output.format,
                    new Table(
                            storage.describe() + (directory.isEmpty() ? "" : "/" + directory),
                            List.of(
                                    Column.text("Name"),
                                    Column.text("Kind"),
                                    Column.number("Size"),
                                    Column.text("Modified")),
                            found.stream().map(BackupRepoLsCommand::row).toList()));
        }
        return ExitCode.OK;
    }

    private static List<Cell> row(ObjectInfo object) {
        return List.of(
                Cell.of(object.name()),
                Cell.of(object.kind().name().toLowerCase(Locale.ROOT)),
                object.isFile()
                        ? new Cell(
                                Amounts.bytes(object.size()),
                                LongNode.valueOf(object.size()),
                                Style.PLAIN)
                        : Cell.EMPTY,
                object.isFile() ? Cell.of(object.modified().toString()) : Cell.EMPTY);
    }
}
