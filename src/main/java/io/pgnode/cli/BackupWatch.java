package io.pgnode.cli;

import io.pgnode.agent.rest.BackupStatus;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.LeaseHolder;
import io.pgnode.backup.schedule.ScheduleSnapshot;
import io.pgnode.backup.schedule.ScheduleStore;
import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.cli.backup.BackupSettings;
import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseFacts.ArchiverState;
import io.pgnode.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks the DCS and the local server about backups now and then, so that a request to the REST API
 * waits for nobody; repositories are never read. One thread of its own, none without repositories.
 */
final class BackupWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BackupWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** A directory with more is in trouble enough; counting goes no further. */
    private static final int MAX_READY = 100_000;

    private final BackupSettings settings;
    private final String self;
    private final Path archiveStatus;
    private final ScheduleStore store;
    private final InstantSource clock;
    private final Thread thread;
    private volatile @Nullable BackupStatus status;

    // Confined to the thread.
    private @Nullable BackupSession session;
    private String lastProblem = "";
    private long epoch = -1;
    private long firstBytes;
    private Instant firstAt = Instant.EPOCH;

    private BackupWatch(PgnodeConfig config, ScheduleStore store, InstantSource clock) {
        this.settings = new BackupSettings(config);
        this.self = settings.isConfigured() ? Identity.of(config).name().value() : "";
        this.archiveStatus = config.postgresql().dataDir().resolve("pg_wal/archive_status");
        this.store = store;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("backup-watch").unstarted(this::run);
    }

    /**
     * @param dcs used but not closed
     */
    static BackupWatch start(PgnodeConfig config, Dcs dcs) {
        BackupWatch watch =
                new BackupWatch(
                        config,
                        new ScheduleStore(
                                dcs,
                                config.namespace(),
                                config.cluster().orElseThrow(),
                                config.dcs().timeout()),
                        InstantSource.system());
        if (watch.settings.isConfigured()) {
            watch.status = new BackupStatus(watch.settings.stanza(), null, null, List.of(), null);
            watch.thread.start();
        }
        return watch;
    }

    /** What was last seen; null without repositories. Any thread. */
    @Nullable BackupStatus status() {
        return status;
    }

    private void run() {
        try {
            while (true) {
                look();
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeSession();
        }
    }

    private void look() throws InterruptedException {
        BackupStatus before = Objects.requireNonNull(status);
        BackupStatus.Archiver archiver = archiver();
        try {
            status = status(store.read(), archiver);
            lastProblem = "";
        } catch (DcsException | IllegalArgumentException e) {
            status =
                    new BackupStatus(
                            before.stanza(),
                            before.seen(),
                            before.running(),
                            before.last(),
                            archiver);
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(lastProblem)) {
                lastProblem = problem;
                LOG.infof("state of backups not known why=\"%s\"", problem);
            }
        }
    }

    private BackupStatus status(ScheduleSnapshot seen, BackupStatus.@Nullable Archiver archiver) {
        Instant now = clock.instant();
        LeaseHolder holder = seen.holder();
        return new BackupStatus(
                settings.stanza(),
                now,
                holder == null ? null : running(holder, now),
                last(seen),
                archiver);
    }

    private BackupStatus.Running running(LeaseHolder holder, Instant now) {
        return new BackupStatus.Running(
                holder.member(),
                holder.type().text(),
                holder.slot(),
                holder.started(),
                holder.epoch(),
                holder.member().equals(self),
                holder.doneBytes(),
                holder.totalBytes(),
                rate(holder, now));
    }

    /** Since it was first seen to copy: what an earlier run had stored is done at once. */
    private double rate(LeaseHolder holder, Instant now) {
        if (holder.epoch() != epoch
                || firstBytes != Long.MAX_VALUE && holder.doneBytes() < firstBytes) {
            epoch = holder.epoch();
            firstBytes = Long.MAX_VALUE;
        }
        if (firstBytes == Long.MAX_VALUE) {
            if (holder.totalBytes() > 0) {
                firstBytes = holder.doneBytes();
                firstAt = now;
            }
            return 0;
        }
        double seconds = Duration.between(firstAt, now).toMillis() / 1e3;
        return seconds <= 0 ? 0 : (holder.doneBytes() - firstBytes) / seconds;
    }

    static List<BackupStatus.Last> last(ScheduleSnapshot seen) {
        List<BackupStatus.Last> all = new ArrayList<>();
        for (BackupType type : BackupType.values()) {
            List<JobState> known =
                    Stream.of(seen.states(), seen.byHand())
                            .filter(Objects::nonNull)
                            .map(states -> states.of(type))
                            .filter(state -> state.result() != JobState.Result.NONE)
                            .sorted(
                                    Comparator.comparing(
                                            JobState::started,
                                            Comparator.nullsFirst(Comparator.naturalOrder())))
                            .toList();
            if (!known.isEmpty()) {
                all.add(last(type, known));
            }
        }
        return all;
    }

    private static BackupStatus.Last last(BackupType type, List<JobState> known) {
        JobState newest = known.getLast();
        return new BackupStatus.Last(
                type.text(),
                newest.result().name().toLowerCase(Locale.ROOT),
                newest.member(),
                newest.slot(),
                newest.started(),
                newest.finished(),
                newest.message(),
                latest(known.stream().map(JobState::lastSuccess)),
                latest(
                        known.stream()
                                .filter(state -> state.result() == JobState.Result.FAILED)
                                .map(JobState::finished)));
    }

    private static @Nullable Instant latest(Stream<@Nullable Instant> times) {
        return times.filter(Objects::nonNull).max(Comparator.naturalOrder()).orElse(null);
    }

    private BackupStatus.@Nullable Archiver archiver() {
        try {
            BackupSession open = session;
            if (open == null) {
                open = BackupSession.open(settings.localDatabase(), CONNECT);
                session = open;
            }
            ArchiverState state = open.archiver();
            return new BackupStatus.Archiver(
                    state.archived(),
                    state.lastArchived(),
                    state.lastArchivedAt(),
                    state.failed(),
                    state.lastFailed(),
                    state.lastFailedAt(),
                    ready());
        } catch (PostgresException | IOException e) {
            LOG.debugf("archiver not asked why=\"%s\"", e.getMessage());
            closeSession();
            return null;
        }
    }

    private int ready() {
        int count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(archiveStatus, "*.ready")) {
            for (Path _ : files) {
                count++;
                if (count == MAX_READY) {
                    break;
                }
            }
            return count;
        } catch (IOException e) {
            return -1;
        }
    }

    private void closeSession() {
        BackupSession open = session;
        session = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
