package io.pgnode.cli;

import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.view.MemberTable;
import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterView;
import io.pgnode.model.MemberName;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "pitr",
        description = "Take the whole cluster back to a point in time, from its backup repository.",
        footer = {
            "",
            "Every member stops; the leader is restored, recovers to the target and begins a new",
            "timeline; the others are made anew, over what they have or by a copy; then the",
            "schedule makes a full backup. The members do it by themselves: this command asks for",
            "it and watches, and may be interrupted and run again. What the target is, and",
            "whether it can be reached, tells pgnode restore --plan.",
            "Until the leader accepts writes, pgnode pitr --abort goes back: the other members",
            "still have the data as it was, and elect a leader.",
        })
final class PitrCommand extends ClusterCommand {
    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description =
                    "default (all WAL there is), immediate, time, xid, lsn or name (default:"
                            + " default).")
    RecoveryTargetType type = RecoveryTargetType.DEFAULT;

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
            description = "latest, current or a number.")
    @Nullable String timeline;

    @Option(names = "--set", paramLabel = "LABEL", description = "The backup to start from.")
    @Nullable String set;

    @Option(names = "--repo", paramLabel = "KEY", description = "The repository to use.")
    @Nullable Integer repository;

    @Option(
            names = "--leader",
            paramLabel = "MEMBER",
            description = "Whose instance is restored (default: the leader).")
    @Nullable String leader;

    @Option(names = "--abort", description = "End a recovery that has not reached its target.")
    boolean abort;

    @Option(names = "--force", description = "Do not ask.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) {
        ClusterView view = session.read();
        if (abort) {
            return abort(console, session, view);
        }
        ClusterRecovery standing = view.recovery();
        if (standing != null) {
            console.println(
                    "recovery " + standing.id() + " of " + session.scope() + " is under way");
            return new RecoveryWatch(console, session, view).follow();
        }
        ClusterRecovery wanted = check(view);
        if (!force) {
            console.note(
                    OutputFormat.table.render(
                            MemberTable.of(view, session.scope()), console.look()));
            console.confirm(
                    "Overwrite the data of every member of "
                            + session.scope()
                            + " with its state "
                            + type.describe(target)
                            + ", beginning with "
                            + wanted.leader()
                            + "?");
        }
        if (!session.get(session.store().writeRecovery(wanted, 0))) {
            throw refused("somebody else has begun a recovery meanwhile", "pgnode pitr watches it");
        }
        return new RecoveryWatch(console, session, view).follow();
    }

    private ClusterRecovery check(ClusterView view) {
        if (view.isPaused()) {
            throw refused("the cluster is paused: nothing is stopped", "pgnode resume first");
        }
        String problem = type.problem(target, exclusive);
        if (!problem.isEmpty()) {
            throw new CliException(ExitCode.USAGE, problem, "pgnode pitr --help");
        }
        return new ClusterRecovery(
                Instant.now().toString(),
                member(view),
                options(),
                ClusterRecovery.Step.STOP,
                0,
                "",
                0);
    }

    private MemberName member(ClusterView view) {
        if (leader != null) {
            return Names.member(view, leader).name();
        }
        if (view.leader() == null) {
            throw refused(
                    "the cluster has no leader", "say whose instance is restored with --leader");
        }
        return view.leader().name();
    }

    private Map<String, String> options() {
        Map<String, String> options = new TreeMap<>();
        options.put("type", type.text());
        put(options, "target", target);
        put(options, "target-timeline", timeline);
        put(options, "set", set);
        put(options, "repo", repository);
        if (exclusive) {
            options.put("target-exclusive", "");
        }
        return options;
    }

    private static void put(Map<String, String> options, String name, @Nullable Object value) {
        if (value != null) {
            options.put(name, value.toString());
        }
    }

    private ExitCode abort(Console console, ClusterSession session, ClusterView view) {
        ClusterRecovery standing = view.recovery();
        if (standing == null) {
            throw refused("no recovery is under way", "");
        }
        if (standing.step() == ClusterRecovery.Step.REBUILD) {
            throw refused(
                    standing.leader() + " accepts writes already: there is nothing to go back to",
                    "take the cluster to another time with pgnode pitr, once this one has ended");
        }
        if (!force) {
            console.confirm(
                    "Abort the recovery, and let the members elect a leader with the data as it"
                            + " was?");
        }
        if (!session.get(
                session.store()
                        .writeRecovery(null, Objects.requireNonNull(standing).modRevision()))) {
            throw refused("the recovery went on meanwhile", "look with pgnode list, and try again");
        }
        console.println("recovery " + standing.id() + " is aborted");
        return ExitCode.OK;
    }

    private static CliException refused(String message, String hint) {
        return new CliException(ExitCode.REFUSED, message, hint);
    }
}
