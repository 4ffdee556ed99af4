package io.pgnode.cli;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.engine.BackupResult;
import io.pgnode.backup.engine.StopRequest;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.schedule.BackupLease;
import io.pgnode.backup.schedule.LeaseHolder;
import io.pgnode.backup.schedule.ScheduleSnapshot;
import io.pgnode.cli.backup.Amounts;
import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.DcsException;
import io.pgnode.model.HostPort;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.pgnode.postgres.PostgresException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A backup by hand, or started by the scheduler. */
abstract class BackupRunCommand extends BackupNodeCommand.OfRepository {
    /** What the scheduler reads at the end. */
    static final String LABEL = "label ";

    private static final int READ_ATTEMPTS = 10;
    private static final int READ_PAUSE_MILLIS = 1000;

    @Option(
            names = "--annotation",
            paramLabel = "KEY=VALUE",
            description = "Kept with the backup; may be given several times.")
    Map<String, String> annotation = new TreeMap<>();

    @Option(
            names = "--no-start-fast",
            description = "Wait for the next checkpoint instead of asking for one.")
    boolean isPatient;

    @Option(
            names = "--no-dcs",
            description = {
                "Do not ask the DCS who leads, and do not tell the cluster; for when it is away.",
                "The local server must be a primary, or --primary be given."
            })
    boolean isAlone;

    @Option(
            names = "--primary",
            paramLabel = "HOST[:PORT]",
            description =
                    "With --no-dcs on a standby: the primary, whose server begins and ends the"
                            + " backup.")
    @Nullable String primary;

    /** The process that started it and holds the lease: with it this one ends. */
    @Option(names = "--scheduled-by", paramLabel = "PID", hidden = true)
    @Nullable Long scheduler;

    private final BackupType type;
    private final StopRequest stop = new StopRequest();
    private final List<String> labels = new ArrayList<>();
    private volatile @Nullable ExitCode signal;

    BackupRunCommand(BackupType type) {
        this.type = type;
    }

    @Command(
            name = "full",
            mixinStandardHelpOptions = true,
            description = {
                "Make a full backup of this node's server.",
                "Ctrl-C ends it; the next backup goes on where it ended."
            })
    static final class Full extends BackupRunCommand {
        Full() {
            super(BackupType.FULL);
        }
    }

    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            description = {
                "Make a differential backup: what has changed since the last full one.",
                "Where there is none, a full one is made."
            })
    static final class Diff extends BackupRunCommand {
        Diff() {
            super(BackupType.DIFF);
        }
    }

    @Command(
            name = "incr",
            mixinStandardHelpOptions = true,
            description = {
                "Make an incremental backup: what has changed since the last one of any type.",
                "Where there is no full one, that is made."
            })
    static final class Incr extends BackupRunCommand {
        Incr() {
            super(BackupType.INCR);
        }
    }

    @Override
    final ExitCode run(Console console, BackupNode node) throws Exception {
        if (scheduler != null) {
            ParentWatch.of(scheduler, stop::request).begin();
        }
        var repositories = node.repositories(repository);
        SignalHandler.on(Signal.INT, () -> endBy(ExitCode.INTERRUPTED));
        SignalHandler.on(Signal.TERM, () -> endBy(ExitCode.TERMINATED));
        BackupProgress progress = new BackupProgress(console, scheduler != null);
        if (isAlone) {
            BackupJob job = BackupJob.alone(node, primaryAddress(node), stop);
            return all(console, node, job, repositories, progress);
        }
        if (primary != null) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--primary is given, but the DCS tells who leads",
                    "give it together with --no-dcs");
        }
        return inCluster(console, node, repositories, progress);
    }

    private @Nullable HostPort primaryAddress(BackupNode node) {
        try {
            return primary == null
                    ? null
                    : HostPort.parse(primary, node.config().postgresql().port());
        } catch (IllegalArgumentException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--primary is \"" + primary + "\", must be HOST or HOST:PORT",
                    String.valueOf(e.getMessage()),
                    e);
        }
    }

    /** The DCS tells who leads, and keeps the others from making one meanwhile. */
    private ExitCode inCluster(
            Console console,
            BackupNode node,
            List<RepositorySettings> repositories,
            BackupProgress progress)
            throws Exception {
        try (ClusterSession session = console.surroundings().connect(cluster())) {
            BackupJob job;
            BackupLease lease;
            try {
                job = BackupJob.of(node, view(session), stop);
                lease = scheduler == null ? take(session, node, progress) : null;
            } catch (DcsException e) {
                throw scheduler == null ? away(e) : e;
            }
            boolean isDone = false;
            String ended = ""; // for the others; empty when it need not be remembered
            try {
                ExitCode code = all(console, node, job, repositories, progress);
                isDone = true;
                ended = String.join(",", labels);
                return code;
            } catch (BackupException | PostgresException e) {
                ended = ErrorReport.of(e).message();
                throw e;
            } finally {
                if (lease != null && ended.isEmpty()) {
                    lease.release(null);
                } else if (lease != null) {
                    lease.releaseByHand(Instant.now(), isDone, ended);
                }
            }
        }
    }

    /**
     * The DCS may seem slow to a process of low priority that has just begun on a busy machine; a
     * backup of the schedule has the time.
     */
    private ClusterView view(ClusterSession session) throws BackupException {
        for (int failures = 1; ; failures++) {
            try {
                return session.read();
            } catch (DcsException e) {
                if (scheduler == null || failures == READ_ATTEMPTS) {
                    throw e;
                }
                stop.pause(READ_PAUSE_MILLIS);
            }
        }
    }

    private CliException away(DcsException e) {
        ErrorReport report = ErrorReport.of(e);
        String hint =
                "with --no-dcs the backup is made without it: of a primary, or of a standby with"
                        + " --primary HOST";
        return new CliException(
                report.exitCode(),
                report.message(),
                report.hint().isEmpty() ? hint : report.hint() + " " + hint,
                e);
    }

    /** One after the other; the first failure is told when all had their turn. */
    private ExitCode all(
            Console console,
            BackupNode node,
            BackupJob job,
            List<RepositorySettings> repositories,
            BackupProgress progress)
            throws Exception {
        BackupException failure = null;
        for (RepositorySettings each : repositories) {
            try {
                stop.check();
                BackupResult result =
                        job.run(type, each, scheduler == null && !isPatient, annotation, progress);
                progress.end();
                labels.add(result.label().text());
                tell(console, each, result);
                BackupExpiry.run(console, node, each);
            } catch (BackupException e) {
                progress.end();
                if (failure == null) {
                    failure = e;
                } else {
                    console.note("repo" + each.key() + ": " + e.getMessage());
                }
                if (e.exit() == BackrestExit.TERMINATED) {
                    break;
                }
            }
        }
        if (failure != null) {
            throw failure.exit() == BackrestExit.TERMINATED ? stopped(failure) : failure;
        }
        return ExitCode.OK;
    }

    private void endBy(ExitCode code) {
        signal = code;
        stop.request();
    }

    /** As a shell expects it of a program that a signal ended. */
    private Exception stopped(BackupException e) {
        ErrorReport report = ErrorReport.of(e);
        return signal == null ? e : new CliException(signal, signal.meaning(), report.hint(), e);
    }

    private void tell(Console console, RepositorySettings repository, BackupResult result) {
        if (scheduler != null) {
            console.println(LABEL + result.label());
            return;
        }
        BackupSummary summary = result.summary();
        Duration took = Duration.between(summary.timestampStart(), summary.timestampStop());
        console.println(
                "repo%d: %s backup %s: %s read, %s stored in %s"
                        .formatted(
                                repository.key(),
                                result.type().text(),
                                result.label(),
                                Amounts.bytes(result.bytesRead()),
                                Amounts.bytes(summary.sizes().repoSizeDelta()),
                                Amounts.time(took)));
        result.damaged()
                .forEach(
                        pages ->
                                console.note(
                                        "page checksums are wrong in "
                                                + pages
                                                + "; the backup has them as they are"));
    }

    /** One backup at a time in the whole cluster. */
    private BackupLease take(ClusterSession session, BackupNode node, BackupProgress progress)
            throws InterruptedException {
        ScheduleSnapshot seen = session.backups().read();
        Optional<BackupLease> taken =
                BackupLease.take(
                        session.backups(),
                        seen,
                        node.member().value(),
                        type,
                        null,
                        Instant.now(),
                        null,
                        BackupLease.TTL,
                        System::nanoTime,
                        progress::last,
                        () -> {
                            progress.note(
                                    "the lease in the DCS was lost, so that another member may"
                                            + " make a backup: this one ends");
                            stop.request();
                        });
        if (taken.isPresent()) {
            return taken.get();
        }
        LeaseHolder holder = session.backups().read().holder();
        throw new CliException(
                ExitCode.REFUSED,
                holder == null
                        ? "another backup of this cluster has just begun"
                        : "%s makes a %s backup since %s"
                                .formatted(holder.member(), holder.type().text(), holder.started()),
                "wait for its end; pgnode backup list shows how far it is");
    }
}
