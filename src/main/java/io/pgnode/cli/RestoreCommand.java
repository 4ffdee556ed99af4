package io.pgnode.cli;

import io.pgnode.agent.BackupCommands;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.restore.Progress;
import io.pgnode.backup.restore.Restore;
import io.pgnode.backup.restore.RestorePlan;
import io.pgnode.backup.restore.RestoreRequest;
import io.pgnode.backup.restore.RestoreResult;
import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.TargetAction;
import io.pgnode.backup.restore.core.TargetTimeline;
import io.pgnode.cli.backup.Amounts;
import io.pgnode.cli.backup.TargetTime;
import io.pgnode.guard.RunFiles;
import io.pgnode.model.Lsn;
import io.pgnode.os.RunLock;
import io.pgnode.supervisor.ChildCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = "Restore the data directory of this node from a backup.",
        footer = {
            "",
            "--plan tells backup, timelines, WAL, space, whether the target can be reached, and",
            "about how long it takes; nothing is touched. A restore that was interrupted is",
            "begun again with --delta. For a whole cluster that runs, see pgnode pitr.",
        })
final class RestoreCommand extends BackupNodeCommand.OfRepository {
    @Option(names = "--plan", description = "Say what would be done, and do nothing.")
    boolean plan;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description =
                    "default (all WAL there is), immediate, time, xid, lsn, name, or standby"
                            + " (default: default).")
    String type = "default";

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "The time, transaction id, LSN or restore point.")
    @Nullable String target;

    @Option(names = "--target-exclusive", description = "Stop just before the target.")
    boolean exclusive;

    @Option(
            names = "--target-timeline",
            paramLabel = "TIMELINE",
            description = "latest, current or a number (default: latest).")
    @Nullable String timeline;

    @Option(
            names = "--target-action",
            paramLabel = "ACTION",
            defaultValue = "pause",
            description = "At the target: pause, promote or shutdown (default: ${DEFAULT-VALUE}).")
    String action = "pause";

    @Option(
            names = "--set",
            paramLabel = "LABEL",
            description = "The backup (default: the newest that fits).")
    @Nullable String set;

    @Option(
            names = "--delta",
            description =
                    "Use what is in the directory where it is the same, and remove what is not in"
                            + " the backup.")
    boolean delta;

    @Option(
            names = "--data-dir",
            paramLabel = "DIRECTORY",
            description = "Another directory than this node's, for a copy beside it.")
    @Nullable Path dataDir;

    @Option(
            names = "--archive-mode",
            paramLabel = "MODE",
            description = "off: the restored server archives nothing, as a copy must not.")
    @Nullable String archiveMode;

    @Option(
            names = "--recovery-option",
            paramLabel = "KEY=VALUE",
            description = "A further setting of the recovery.")
    Map<String, String> settings = new TreeMap<>();

    @Option(
            names = "--tablespace-map",
            paramLabel = "NAME=DIRECTORY",
            description = "Where a tablespace comes.")
    Map<String, Path> tablespaces = new TreeMap<>();

    @Option(
            names = "--tablespace-map-all",
            paramLabel = "DIRECTORY",
            description = "Below which all other tablespaces come.")
    @Nullable Path allTablespaces;

    @Option(
            names = "--link-map",
            paramLabel = "NAME=PATH",
            description = "Where a linked file or directory comes.")
    Map<String, Path> links = new TreeMap<>();

    @Option(names = "--link-all", description = "Links come back as links.")
    boolean allLinks;

    @Option(
            names = "--other-system",
            description = "Overwrite even the data directory of another cluster (with --delta).")
    boolean otherSystem;

    @Option(
            names = "--unreachable",
            description = "Try even if the archive lacks WAL up to the target.")
    boolean unreachable;

    /** Of a new cluster, from the repository that it begins with. */
    @Option(names = "--source", hidden = true)
    boolean ofSource;

    /** As --plan, for the agent: see RestorePlan.facts. */
    @Option(names = "--facts", hidden = true)
    boolean facts;

    /** For the agent, which holds its own lock. */
    @Option(names = "--by-agent", hidden = true)
    boolean byAgent;

    @Override
    ExitCode run(Console console, BackupNode node) throws Exception {
        RestoreRequest request = request(node);
        List<Repository> open = new ArrayList<>();
        try {
            List<RepositorySettings> repositories =
                    ofSource ? node.settings().source() : node.repositories(repository);
            for (RepositorySettings each : repositories) {
                open.add(Repository.open(each));
            }
            Restore restore = new Restore(open, locks(node), System::nanoTime);
            if (facts) {
                return facts(console, restore.plan(request), request.workers());
            }
            if (plan) {
                RestorePlan found = restore.plan(request);
                console.print(found.text());
                return found.isPossible() ? ExitCode.OK : ExitCode.REFUSED;
            }
            refuseBesideAgent(node);
            return run(console, restore, request);
        } finally {
            open.forEach(Repository::close);
        }
    }

    /** None for a replica: other members of this host may be made at the same time. */
    private @Nullable RepositoryLocks locks(BackupNode node) {
        return byAgent && type.equals("standby")
                ? null
                : new RepositoryLocks(node.config().backup().lockPath());
    }

    private static ExitCode run(Console console, Restore restore, RestoreRequest request)
            throws Exception {
        ProgressLine line = new ProgressLine(console);
        try {
            RestoreResult result = restore.run(request, state -> show(line, state));
            line.end();
            result.plan().warnings().forEach(console::note);
            result.healed().forEach(file -> console.note("damaged in one repository: " + file));
            console.println(
                    "restored %s: %d files written, %s, in %s; %d files kept, %d removed"
                            .formatted(
                                    result.backup(),
                                    result.filesWritten(),
                                    Amounts.bytes(result.bytesWritten()),
                                    Amounts.time(result.elapsed()),
                                    result.filesKept(),
                                    result.removed()));
            return ExitCode.OK;
        } finally {
            line.end();
        }
    }

    private static ExitCode facts(Console console, RestorePlan found, int workers) {
        if (!found.isPossible() || found.standby() == null) {
            throw new CliException(
                    ExitCode.REFUSED,
                    found.isPossible()
                            ? "backup " + found.backup() + " says nothing of the WAL it needs"
                            : found.problems().stream()
                                    .map(RestorePlan.Problem::message)
                                    .collect(Collectors.joining("; ")),
                    "");
        }
        console.print(found.facts(workers));
        return ExitCode.OK;
    }

    private static void show(ProgressLine line, Progress.State state) {
        String phase =
                switch (state.phase()) {
                    case COMPARE -> "comparing";
                    case COPY -> "copying";
                    case SYNC -> "making it durable";
                    case DONE -> "done";
                };
        double seconds = state.elapsed().toMillis() / 1000.0;
        line.show(
                phase,
                state.bytesDone(),
                state.bytesTotal(),
                seconds > 0 ? state.bytesDone() / seconds : 0,
                state.left());
    }

    private RestoreRequest request(BackupNode node) throws IOException {
        boolean isStandby = type.equals("standby");
        Path directory = dataDir == null ? node.config().postgresql().dataDir() : dataDir;
        List<String> program = ChildCommand.self().prefix();
        String restoreCommand =
                ofSource
                        ? BackupCommands.sourceRestoreCommand(program, node.file())
                        : node.config()
                                .postgresql()
                                .restoreCommand()
                                .orElse(BackupCommands.of(program, node.file()).restoreCommand());
        if (archiveMode != null && !archiveMode.equals("off") && !archiveMode.equals("preserve")) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--archive-mode is \"" + archiveMode + "\", must be off or preserve",
                    "");
        }
        return RestoreRequest.of(directory.toAbsolutePath(), restoreCommand).toBuilder()
                .set(set)
                .target(isStandby ? new RestoreTarget.End() : target())
                .timeline(timeline == null ? new TargetTimeline.Latest() : timeline(timeline))
                .action(TargetAction.parse(action))
                .delta(delta)
                .standby(isStandby)
                .archiveModeOff("off".equals(archiveMode))
                .settings(settings)
                .tablespaceMap(tablespaces)
                .tablespaceMapAll(allTablespaces)
                .linkMap(links)
                .linkAll(allLinks)
                .workers(node.settings().workers())
                .otherSystem(otherSystem)
                .unreachable(unreachable)
                .build();
    }

    private static TargetTimeline timeline(String text) {
        return TargetTimeline.parse(text);
    }

    private RestoreTarget target() {
        RecoveryTargetType known = null;
        for (RecoveryTargetType candidate : RecoveryTargetType.values()) {
            if (candidate.text().equals(type)) {
                known = candidate;
            }
        }
        if (known == null) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--type is \""
                            + type
                            + "\", must be default, immediate, time, xid, lsn, name"
                            + " or standby",
                    "");
        }
        String problem = known.problem(target, exclusive);
        if (!problem.isEmpty()) {
            throw new CliException(ExitCode.USAGE, problem, "pgnode restore --help");
        }
        String value = target == null ? "" : target;
        boolean inclusive = !exclusive;
        return switch (known) {
            case DEFAULT -> new RestoreTarget.End();
            case IMMEDIATE -> new RestoreTarget.Immediate();
            case TIME ->
                    new RestoreTarget.Time(
                            TargetTime.parse(value, ZoneId.systemDefault()), inclusive);
            case XID -> new RestoreTarget.Xid(xid(value), inclusive);
            case LSN -> new RestoreTarget.Position(Lsn.parse(value), inclusive);
            case NAME -> new RestoreTarget.Name(value);
        };
    }

    private static long xid(String text) {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--target is \"" + text + "\", must be a transaction id", e);
        }
    }

    /** It would start a server in the middle of the restore. */
    private void refuseBesideAgent(BackupNode node) {
        boolean isNodes =
                dataDir == null
                        || dataDir.toAbsolutePath()
                                .normalize()
                                .equals(node.config().postgresql().dataDir().normalize());
        if (byAgent || !isNodes) {
            return;
        }
        RunLock.holder(new RunFiles(node.config().runDir()).agentLock())
                .ifPresent(
                        holder -> {
                            throw new CliException(
                                    ExitCode.REFUSED,
                                    "the agent of this node runs (" + holder + ")",
                                    "pgnode pitr restores a cluster that runs; else stop pgnode"
                                            + " first, or restore to another --data-dir");
                        });
    }
}
