package io.pgnode.postgres;

import io.pgnode.os.CommandResult;
import io.pgnode.postgres.core.CopyEstimate;
import io.pgnode.postgres.core.RepositoryFit;
import io.pgnode.postgres.core.RepositoryOffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * A replica from the backup repository: the leader is asked for its history, and for nothing else
 * but the WAL that is not archived yet.
 *
 * <p>Whatever speaks against it is found out before anything is touched, as far as that can be
 * known; in doubt it is not used.
 */
final class RepositoryCopy {
    private static final Logger LOG = Logger.getLogger(RepositoryCopy.class);
    private static final Duration PLAN_LIMIT = Duration.ofMinutes(10);

    private final Supplier<PostgresSettings> settings;
    private final DataDirectory data;
    private final ToolRunner tools;

    RepositoryCopy(Supplier<PostgresSettings> settings, DataDirectory data, ToolRunner tools) {
        this.settings = settings;
        this.data = data;
        this.tools = tools;
    }

    /**
     * What would be done.
     *
     * @param refusal why it is not to be done; empty when it is
     * @param reuses what is in the data directory is used
     */
    record Plan(String refusal, List<String> command, boolean reuses) {
        static Plan refused(String why) {
            return new Plan(why, List.of(), false);
        }
    }

    /**
     * Touches nothing.
     *
     * @param onlyIfFaster than pg_basebackup, by the estimate
     */
    Plan plan(Upstream leader, boolean onlyIfFaster) throws PostgresException {
        List<String> program = settings.get().restoreProgram();
        if (program.isEmpty()) {
            return Plan.refused("no backup repository is configured here");
        }
        UpstreamHistory history;
        try {
            history =
                    UpstreamHistory.ask(
                            settings.get(), leader, settings.get().timeouts().connect());
        } catch (SQLException e) {
            return Plan.refused("cannot ask " + leader.name() + ": " + SqlConnection.message(e));
        }
        List<String> common = new ArrayList<>(program);
        common.add("--type=standby");
        common.add("--target-timeline=" + Integer.toUnsignedString(history.timeline()));
        Path walDir = settings.get().walDir();
        if (walDir != null) {
            common.add("--link-map=pg_wal=" + walDir);
        }
        boolean hasData = !data.isEmpty();
        boolean mayReuse = hasData && mayReuse();
        List<String> asked = new ArrayList<>(common);
        asked.add("--facts");
        // What cannot be reused is out of the way by then: only the space it takes counts.
        asked.add("--delta");
        CommandResult result = tools.runCommand(asked, PLAN_LIMIT, _ -> {});
        if (!result.isSuccess()) {
            return Plan.refused(result.explain());
        }
        RepositoryOffer offer;
        try {
            offer = RepositoryOffer.parse(result.out());
        } catch (IllegalArgumentException e) {
            return Plan.refused("the restore program's answer is unreadable: " + e.getMessage());
        }
        return decide(leader, history, offer, mayReuse, onlyIfFaster, common);
    }

    private Plan decide(
            Upstream leader,
            UpstreamHistory history,
            RepositoryOffer offer,
            boolean mayReuse,
            boolean onlyIfFaster,
            List<String> common) {
        Leader facts;
        try {
            facts = Leader.ask(settings.get(), leader, offer);
        } catch (SQLException e) {
            return Plan.refused(
                    "cannot ask " + leader.name() + " for its WAL: " + SqlConnection.message(e));
        }
        Optional<String> refusal =
                RepositoryFit.refusal(
                        offer,
                        history.systemId(),
                        history.timeline(),
                        history.history(),
                        facts.hasNext);
        if (refusal.isPresent()) {
            return Plan.refused("backup " + offer.backup() + ": " + refusal.get());
        }
        // Of tablespaces that lie elsewhere, nobody knows here whether they are ours.
        boolean reuses = mayReuse && offer.outside() == 0;
        CopyEstimate estimate =
                CopyEstimate.of(
                        offer,
                        facts.bytes,
                        reuses ? localBytes() : 0,
                        settings.get().basebackupOptions());
        if (onlyIfFaster && !estimate.prefersRepository()) {
            return Plan.refused("pg_basebackup is estimated to be faster: " + estimate);
        }
        List<String> command = new ArrayList<>(common);
        command.add("--set=" + offer.backup());
        command.add("--repo=" + offer.repository());
        if (reuses) {
            command.add("--delta");
        }
        LOG.infof(
                "replica from the repository backup=%s repository=%d reuses_data=%s wal_bytes=%d"
                        + " estimate=\"%s\"",
                offer.backup(), offer.repository(), reuses, offer.walBytes(), estimate);
        return new Plan("", command, reuses);
    }

    /** Empty when it worked, else why not. */
    String run(Plan plan) throws PostgresException {
        CommandResult result =
                tools.runCommand(plan.command(), settings.get().timeouts().copy(), _ -> {});
        if (!result.isSuccess()) {
            return result.explain();
        }
        return data.control().isPresent() ? "" : "it left no usable data directory";
    }

    /** Nothing but files of its own is overwritten, and no WAL that nobody else has. */
    private boolean mayReuse() {
        try {
            return DataDirectory.outsideLinks(data.path()).isEmpty()
                    && data.notArchived().isEmpty();
        } catch (IOException | PostgresException e) {
            return false;
        }
    }

    private long localBytes() {
        try (Stream<Path> files = Files.walk(data.path())) {
            return files.filter(Files::isRegularFile).mapToLong(RepositoryCopy::size).sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What the leader says by SQL.
     *
     * @param hasNext it has the segment that the archive lacks, or has not come to it yet
     * @param bytes size of the cluster; zero when it does not say
     */
    private record Leader(boolean hasNext, long bytes) {
        static Leader ask(PostgresSettings settings, Upstream leader, RepositoryOffer offer)
                throws SQLException {
            Duration limit = settings.timeouts().connect();
            SqlTarget target =
                    SqlTarget.remote(
                            leader.address(),
                            settings.rewind(),
                            false,
                            settings.connectionOptions());
            try (SqlConnection connection = SqlConnection.open(target, limit)) {
                String has =
                        connection.text(
                                limit,
                                "SELECT (pg_stat_file('pg_wal/"
                                        + offer.nextSegment()
                                        + "', true)).size IS NOT NULL OR CASE WHEN"
                                        + " pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE"
                                        + " pg_current_wal_lsn() END <= '"
                                        + offer.nextBegin()
                                        + "'");
                return new Leader("t".equals(has), size(connection, limit));
            }
        }

        /** Not everybody may ask, and a cluster of many files takes long to answer. */
        private static long size(SqlConnection connection, Duration limit) {
            try {
                String text =
                        connection.text(
                                limit, "SELECT sum(pg_database_size(oid)) FROM pg_database");
                return text == null ? 0 : Long.parseLong(text);
            } catch (SQLException | NumberFormatException e) {
                LOG.debugf("the leader does not tell its size: %s", e.getMessage());
                return 0;
            }
        }
    }
}
