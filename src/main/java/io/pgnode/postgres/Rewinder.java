package io.pgnode.postgres;

import io.pgnode.os.CommandResult;
import io.pgnode.postgres.core.BackupProgress;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.Divergence;
import io.pgnode.postgres.core.RewindOutput;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Finds out whether a directory diverged from its leader, and takes it back with pg_rewind. */
final class Rewinder {
    private static final Logger LOG = Logger.getLogger(Rewinder.class);
    private static final Duration CHECKPOINT_LIMIT = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 200;

    /** Since then pg_rewind sees a promotion before its checkpoint. */
    private static final int SEES_NEW_TIMELINE = 160000;

    private static final int HAS_CONFIG_FILE_OPTION = 15;

    private final Supplier<PostgresSettings> settings;
    private final DataDirectory data;
    private final ConfigFiles files;
    private final ConnStrings connStrings;
    private final ToolRunner tools;
    private final LongSupplier clock;
    private final ReadyArchiver archiver;

    Rewinder(
            Supplier<PostgresSettings> settings,
            DataDirectory data,
            ConfigFiles files,
            ConnStrings connStrings,
            ToolRunner tools,
            LongSupplier clock) {
        this.settings = settings;
        this.data = data;
        this.files = files;
        this.connStrings = connStrings;
        this.tools = tools;
        this.clock = clock;
        this.archiver = new ReadyArchiver(data, files, tools, clock);
    }

    /** Asks the leader for its history and compares. */
    Divergence divergence(
            Divergence.Local local, String systemId, Upstream leader, Duration limit) {
        try {
            UpstreamHistory history = UpstreamHistory.ask(settings.get(), leader, limit);
            if (!history.systemId().equals(systemId)) {
                return new Divergence.Unknown(
                        leader.name()
                                + " is of another cluster: its system identifier is "
                                + history.systemId()
                                + ", ours is "
                                + systemId);
            }
            if (history.inRecovery() && !local.isStandby()) {
                return new Divergence.Unknown(leader.name() + " is not a primary yet");
            }
            return Divergence.between(
                    local, history.timeline(), history.history(), data.history(local.timeline()));
        } catch (SQLException e) {
            return new Divergence.Unknown(
                    "cannot ask "
                            + leader.name()
                            + " for its timelines: "
                            + SqlConnection.message(e));
        }
    }

    RewindResult rewind(Upstream source, Consumer<BackupProgress> progress)
            throws PostgresException {
        ControlData control = ControlFile.read(data.path(), settings.get().binDir());
        if (!control.canRewind()) {
            return new RewindResult.Impossible(
                    "data checksums and wal_log_hints are both off in " + data.path());
        }
        try {
            awaitCheckpoint(source);
        } catch (SQLException e) {
            return new RewindResult.CannotConnect(
                    "cannot connect to " + source.name() + ": " + SqlConnection.message(e));
        }
        archiver.archive(control.isCleanlyShutDown(), settings.get().timeouts().tool());
        boolean wasStandby = data.hasStandbySignal();
        // A single-user server, which pg_rewind may start, refuses to be a standby.
        data.setStandbySignal(false);
        data.markUnfinished("pg_rewind");
        CommandResult result =
                tools.run(
                        "pg_rewind",
                        arguments(source),
                        settings.get().timeouts().copy(),
                        line -> BackupProgress.parse(line).ifPresent(progress));
        return outcome(result, wasStandby);
    }

    private RewindResult outcome(CommandResult result, boolean wasStandby)
            throws PostgresException {
        String output = result.out() + "\n" + result.err();
        if (result.isSuccess()) {
            data.setStandbySignal(true);
            data.markFinished();
            return RewindOutput.isNotNeeded(output)
                    ? new RewindResult.NotNeeded()
                    : new RewindResult.Done();
        }
        String why = result.explain();
        if (RewindOutput.hasChangedTarget(output)) {
            return new RewindResult.Failed(why, true);
        }
        data.setStandbySignal(wasStandby);
        data.markFinished();
        if (RewindOutput.isMissingWal(output)) {
            return new RewindResult.MissingWal(why);
        }
        return RewindOutput.isConnectionFailure(output)
                ? new RewindResult.CannotConnect(why)
                : new RewindResult.Failed(why, false);
    }

    List<String> arguments(Upstream source) throws PostgresException {
        List<String> arguments = new ArrayList<>();
        arguments.add("--target-pgdata=" + data.path());
        arguments.add("--source-server=" + connStrings.rewind(source));
        arguments.add("--progress");
        if (!settings.get().restoreCommand().isEmpty()) {
            arguments.add("--restore-target-wal");
            if (data.majorVersion() >= HAS_CONFIG_FILE_OPTION) {
                arguments.add("--config-file=" + files.postgresqlConf());
            }
        }
        return arguments;
    }

    /**
     * Before PostgreSQL 16, pg_rewind reads the source's timeline from its last checkpoint, and a
     * freshly promoted source looks as if it had not been promoted.
     */
    private void awaitCheckpoint(Upstream source) throws SQLException, PostgresException {
        PostgresSettings now = settings.get();
        SqlTarget target =
                SqlTarget.remote(source.address(), now.rewind(), false, now.connectionOptions());
        Duration limit = now.timeouts().connect();
        try (SqlConnection connection = SqlConnection.open(target, limit)) {
            String version = connection.text(limit, "SHOW server_version_num");
            if (version != null && Integer.parseInt(version) >= SEES_NEW_TIMELINE) {
                return;
            }
            boolean done =
                    Deadline.in(CHECKPOINT_LIMIT, clock)
                            .await(() -> hasCheckpointed(connection, limit), POLL_MILLIS);
            if (!done) {
                LOG.warnf("the source has no checkpoint on its timeline leader=%s", source.name());
            }
        }
    }

    private static boolean hasCheckpointed(SqlConnection connection, Duration limit)
            throws PostgresException {
        try {
            String same =
                    connection.text(
                            limit,
                            "SELECT pg_is_in_recovery() OR timeline_id = ('x' ||"
                                    + " substr(pg_walfile_name(pg_current_wal_lsn()), 1,"
                                    + " 8))::bit(32)::int FROM pg_control_checkpoint()");
            return "t".equals(same);
        } catch (SQLException e) {
            throw new PostgresException(
                    "cannot look at the source's checkpoint: " + SqlConnection.message(e), e);
        }
    }
}
