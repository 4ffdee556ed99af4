package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.LongNode;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.schedule.LeaseHolder;
import io.pgnode.backup.schedule.ScheduleSnapshot;
import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.backup.schedule.core.ScheduleAction;
import io.pgnode.backup.schedule.core.SchedulePlan;
import io.pgnode.cli.backup.Amounts;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = {
            "Show the backups, the one that runs, and what the schedule does next.",
            "For all that is known of each, see \"pgnode backup info\"."
        })
final class BackupListCommand extends BackupNodeCommand.OfRepository {
    private static final List<Column> COLUMNS =
            List.of(
                    Column.number("Repo"),
                    Column.text("Backup"),
                    Column.text("Type"),
                    Column.text("Stop"),
                    Column.number("Duration"),
                    Column.number("Size"),
                    Column.number("Stored"),
                    Column.text("WAL start"),
                    Column.text("WAL stop"),
                    Column.optional("Error"),
                    Column.optional("Annotation"));

    @Mixin OutputOptions output = new OutputOptions();

    @Override
    ExitCode run(Console console, BackupNode node) throws Exception {
        List<List<Cell>> rows = new ArrayList<>();
        for (RepositorySettings each : node.repositories(repository)) {
            BackupInfo info = BackupNode.with(each, open -> open.backups().info());
            info.backups().forEach(backup -> rows.add(row(each.key(), backup)));
        }
        console.print(
                output.format,
                new Table(
                        "Stanza: " + node.settings().stanza(),
                        new Table.Key("Stanza", node.settings().stanza()),
                        COLUMNS,
                        rows,
                        List.of()));
        notes(console, node).forEach(console::note);
        return ExitCode.OK;
    }

    private static List<Cell> row(int repository, BackupSummary backup) {
        Duration took = Duration.between(backup.timestampStart(), backup.timestampStop());
        boolean hasErrors = Boolean.TRUE.equals(backup.error());
        return List.of(
                Cell.of(repository),
                Cell.of(backup.label().text()),
                Cell.of(backup.type().text()),
                Cell.of(backup.timestampStop().toString()),
                new Cell(Amounts.time(took), LongNode.valueOf(took.toSeconds()), Style.PLAIN),
                bytes(backup.sizes().size()),
                bytes(backup.sizes().repoSizeDelta()),
                Cell.of(text(backup.archiveStart())),
                Cell.of(text(backup.archiveStop())),
                hasErrors ? Cell.of("page checksums", Style.BAD) : Cell.EMPTY,
                Cell.of(
                        String.join(
                                ", ",
                                backup.annotation().entrySet().stream()
                                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                                        .toList())));
    }

    private static Cell bytes(long count) {
        return new Cell(Amounts.bytes(count), LongNode.valueOf(count), Style.PLAIN);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    /** Of the schedule; without the DCS there is nothing to tell. */
    private List<String> notes(Console console, BackupNode node) throws InterruptedException {
        List<String> notes = new ArrayList<>();
        try (ClusterSession session = console.surroundings().connect(cluster())) {
            ScheduleSnapshot seen = session.backups().read();
            LeaseHolder holder = seen.holder();
            if (holder != null) {
                notes.add(running(holder));
            }
            if (seen.states() != null) {
                seen.states().jobs().entrySet().stream()
                        .filter(job -> job.getValue().result() == JobState.Result.FAILED)
                        .forEach(
                                job ->
                                        notes.add(
                                                "the last scheduled %s backup failed at %s on %s: %s"
                                                        .formatted(
                                                                job.getKey().text(),
                                                                job.getValue().finished(),
                                                                job.getValue().member(),
                                                                job.getValue().message())));
                ScheduleAction next =
                        SchedulePlan.next(
                                node.settings().schedule(),
                                seen.states(),
                                true,
                                seen.wanted(),
                                Instant.now());
                notes.add("schedule: " + next.why());
            }
        } catch (DcsException e) {
            notes.add("the schedule is not known: " + e.getMessage());
        }
        return notes;
    }

    static String running(LeaseHolder holder) {
        String progress =
                holder.totalBytes() == 0
                        ? ""
                        : ", "
                                + Amounts.bytes(holder.doneBytes())
                                + " of "
                                + Amounts.bytes(holder.totalBytes())
                                + ", "
                                + holder.doneBytes() * 100 / holder.totalBytes()
                                + " %";
        return "%s makes a %s backup since %s%s"
                .formatted(holder.member(), holder.type().text(), holder.started(), progress);
    }
}
