package io.pgnode.cli;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.StanzaReport;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.upkeep.Info;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        description = "Show all that is known of the backups, in pgBackRest's words and JSON.")
final class BackupInfoCommand extends BackupNodeCommand.OfRepository {
    /** How it is printed. */
    enum Format {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "Format: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Format format = Format.text;

    @Option(
            names = "--set",
            paramLabel = "LABEL",
            description = "One backup, with its databases, tablespaces and damaged pages.")
    @Nullable String set;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Backups of this type only: full, diff or incr.")
    @Nullable String type;

    @Override
    ExitCode run(Console console, BackupNode node) throws Exception {
        List<Repository> open = new ArrayList<>();
        try {
            for (RepositorySettings each : node.repositories(repository)) {
                open.add(Repository.open(each));
            }
            List<StanzaReport> report =
                    List.of(
                            Info.gather(
                                    open,
                                    new RepositoryLocks(node.config().backup().lockPath()),
                                    set == null ? null : new BackupLabel(set),
                                    type == null ? null : BackupType.parse(type)));
            console.print(
                    switch (format) {
                        case text -> StanzaReport.text(report, ZoneId.systemDefault());
                        case json -> StanzaReport.json(report) + "\n";
                    });
            return ExitCode.OK;
        } finally {
            open.forEach(Repository::close);
        }
    }
}
