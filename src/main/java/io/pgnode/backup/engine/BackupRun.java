package io.pgnode.backup.engine;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestDatabase;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.ManifestHeader;
import io.pgnode.backup.core.ManifestOptions;
import io.pgnode.backup.core.ManifestPath;
import io.pgnode.backup.core.PageCheck;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.engine.BackupEngine.Sessions;
import io.pgnode.backup.engine.BackupResult.DamagedPages;
import io.pgnode.backup.engine.Progress.Phase;
import io.pgnode.backup.engine.core.Base;
import io.pgnode.backup.engine.core.CopyJob;
import io.pgnode.backup.engine.core.CopyQueue;
import io.pgnode.backup.engine.core.DeltaReason;
import io.pgnode.backup.engine.core.FileChooser;
import io.pgnode.backup.repo.Backups;
import io.pgnode.backup.repo.Identity;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryLocks;
import io.pgnode.backup.repo.StanzaSetup;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseFacts;
import io.pgnode.postgres.PostgresException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One backup from its first check to its completion, step by step. */
final class BackupRun {
    private static final Logger LOG = Logger.getLogger(BackupRun.class);
    private static final String BACKREST_VERSION = "2.55.1";
    private static final long BUFFER_SIZE = 1 << 20;
    private static final int NETWORK_LEVEL = 1;
    private static final int PASS_BYTES = 48;
    private static final long POLL_MILLIS = 100;
    private static final Duration LOCK_WAIT = Duration.ofSeconds(5);
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(10);

    private final BackupRequest request;
    private final BackupOptions options;
    private final Repository repository;
    private final Backups backups;
    private final RepositoryLocks.Held lock;
    private final Sessions sessions;
    private final Progress progress;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final StopRequest stop;

    /** What is decided before the server is asked to start, and does not change afterwards. */
    private record Plan(
            Base base,
            @Nullable Manifest prior,
            @Nullable Unfinished unfinished,
            BackupLabel label,
            DatabaseVersion database,
            Compression compression,
            boolean bundle,
            boolean raw,
            boolean block,
            boolean isInBlocks,
            boolean checksumPages,
            @Nullable String pass) {}

    /** What is known when the server has started the backup. */
    private record Started(Lsn lsn, int timeline, Instant at) {}

    BackupRun(
            BackupRequest request,
            Repository repository,
            RepositoryLocks.Held lock,
            Sessions sessions,
            Progress progress,
            InstantSource clock,
            LongSupplier nanos,
            StopRequest stop) {
        this.request = request;
        this.options = request.options();
        this.repository = repository;
        this.backups = repository.backups();
        this.lock = lock;
        this.sessions = sessions;
        this.progress = progress;
        this.clock = clock;
        this.nanos = nanos;
        this.stop = stop;
    }

    BackupResult run() throws BackupException {
        try {
            return steps();
        } catch (PostgresException e) {
            stop.check();
            throw Failures.of(BackrestExit.DB_QUERY, e);
        } catch (BackupException e) {
            if (e.exit() != BackrestExit.TERMINATED) {
                stop.check();
            }
            throw e;
        }
    }

    private BackupResult steps() throws BackupException, PostgresException {
        phase(Phase.CHECK);
        DatabaseFacts facts = sessions.local().facts();
        checkServers(facts);
        takeAdvisoryLock();
        ArchiveWait archive =
                new ArchiveWait(
                        repository.archive(),
                        sessions.control(),
                        options.archiveTimeout(),
                        stop,
                        nanos);
        Plan plan = plan(facts);
        checkArchiving(archive, facts);
        phase(Phase.START);
        Started started = start(plan);
        awaitReplay(started);
        phase(Phase.LIST);
        DataLister.Listing listing = list();
        Instant copyStart = nextSecond();
        Draft draft = draft(plan, started, facts, listing, copyStart);
        try {
            phase(Phase.COPY);
            long bytesRead = copy(plan, draft, facts, started, listing);
            phase(Phase.STOP);
            return finish(plan, draft, started, facts, archive, bytesRead);
        } catch (BackupException e) {
            throw saved(draft, e);
        } catch (PostgresException e) {
            throw saved(draft, Failures.of(BackrestExit.DB_QUERY, e));
        }
    }

    // Checks

    private void checkServers(DatabaseFacts facts) throws BackupException, PostgresException {
        if (facts.isInRecovery() && !sessions.isStandby()) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH,
                    "the server is a standby, and no primary was named",
                    "a backup of a standby is started and stopped on its primary");
        }
        if (sessions.isStandby()) {
            checkStandby(facts, sessions.control().facts());
        }
        Identity identity =
                new Identity(
                        facts.systemId(),
                        facts.version(),
                        facts.catalogVersion(),
                        facts.controlVersion());
        StanzaSetup.check(repository, identity);
        if (options.archiveCheck() && facts.archiveMode().equals("off")) {
            throw new BackupException(
                    BackrestExit.ARCHIVE_DISABLED,
                    "archive_mode is off: a backup cannot be restored without its WAL",
                    "set archive_mode to on and restart the server");
        }
    }

    private static void checkStandby(DatabaseFacts standby, DatabaseFacts primary)
            throws BackupException {
        if (primary.isInRecovery()) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH, "the server named as primary is a standby, too");
        }
        if (!standby.isInRecovery()) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH,
                    "the server whose files should be read is no standby",
                    "make the backup without naming a primary");
        }
        if (!primary.systemId().equals(standby.systemId())) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH,
                    "standby and primary are not of one cluster: their system identifiers are "
                            + standby.systemId()
                            + " and "
                            + primary.systemId());
        }
    }

    private void takeAdvisoryLock() throws BackupException, PostgresException {
        long since = nanos.getAsLong();
        while (!sessions.control().lock()) {
            // The server may still be busy with the end of an earlier backup's session.
            if (nanos.getAsLong() - since < LOCK_WAIT.toNanos()) {
                stop.pause(POLL_MILLIS);
                continue;
            }
            throw new BackupException(
                    BackrestExit.LOCK_ACQUIRE,
                    "another backup of this cluster is under way",
                    "wait for it, or see who holds the advisory lock in pg_locks");
        }
    }

    private void checkArchiving(ArchiveWait archive, DatabaseFacts facts)
            throws BackupException, PostgresException {
        if (!options.archiveCheck()) {
            return;
        }
        int size = facts.walSegmentSize();
        WalSegment current = WalSegment.parse(sessions.control().currentWal());
        long number = current.number(size);
        if (number > 0
                && archive.has(WalSegment.ofNumber(current.timeline(), number - 1, size))
                && !sessions.control().archiver().isFailing()) {
            return;
        }
        archive.forOne(WalSegment.parse(sessions.control().switchWal("pgnode archive check")));
    }

    // What is based on what

    private Plan plan(DatabaseFacts facts) throws BackupException {
        BackupInfo info = backups.info();
        Base base = Base.choose(request.type(), info);
        if (base.type() != request.type()) {
            note("no prior backup to base it on: " + request.type().text() + " becomes full");
        }
        BackupLabel priorLabel = base.prior();
        Manifest prior = priorLabel == null ? null : backups.manifest(priorLabel);
        Compression compression = compression(prior);
        boolean bundle = options.bundle() || prior != null && prior.header().bundle();
        // The same for all members of bundles in a chain.
        boolean raw =
                prior != null && prior.header().bundle()
                        ? prior.header().bundleRaw()
                        : bundle && options.block();
        boolean isInBlocks = raw && options.block();
        boolean block = isInBlocks || prior != null && prior.header().blockIncremental();
        boolean checksumPages = checksumPages(facts, prior);
        boolean isEncrypted = backups.pass() != null;
        Unfinished unfinished =
                unfinished(base, info, prior, compression.type(), bundle, raw, isEncrypted);
        BackupLabel label = unfinished != null ? unfinished.manifest().label() : label(base, info);
        String pass = !isEncrypted ? null : pass(prior, unfinished);
        LOG.infof(
                "backup begins: label=%s type=%s prior=%s stanza=%s repository=%s",
                label, base.type().text(), priorLabel, repository.stanza(), repository.describe());
        return new Plan(
                base,
                prior,
                unfinished,
                label,
                info.databases().current(),
                compression,
                bundle,
                raw,
                block,
                isInBlocks,
                checksumPages,
                pass);
    }

    private Compression compression(@Nullable Manifest prior) {
        if (prior == null) {
            return options.compression();
        }
        CompressType inherited = prior.options().compression();
        if (inherited == options.compression().type()) {
            return options.compression();
        }
        note("compression is " + inherited.text() + " as in the prior backup");
        return Compression.of(inherited);
    }

    private boolean checksumPages(DatabaseFacts facts, @Nullable Manifest prior) {
        boolean wanted = options.checksumPages() && facts.hasChecksums();
        Boolean before = prior == null ? null : prior.options().checksumPage();
        if (before != null && before != wanted) {
            note("checksums of pages are " + (before ? "" : "not ") + "verified, as before");
            return before;
        }
        return wanted;
    }

    private @Nullable Unfinished unfinished(
            Base base,
            BackupInfo info,
            @Nullable Manifest prior,
            CompressType compression,
            boolean bundle,
            boolean raw,
            boolean isEncrypted)
            throws BackupException {
        Manifest saved = options.resume() ? backups.unfinished().orElse(null) : null;
        if (saved != null
                && !canResume(saved, base, info, prior, compression, bundle, raw, isEncrypted)) {
            saved = null;
        }
        for (BackupLabel label : backups.unfinishedLabels()) {
            if (saved == null || !label.equals(saved.label())) {
                note("the unfinished backup " + label + " is removed");
                backups.removeFiles(label);
            }
        }
        if (saved == null) {
            return null;
        }
        note("the unfinished backup " + saved.label() + " goes on");
        return Unfinished.read(saved, repository.storage(), backups, clock.instant());
    }

    private static boolean canResume(
            Manifest saved,
            Base base,
            BackupInfo info,
            @Nullable Manifest prior,
            CompressType compression,
            boolean bundle,
            boolean raw,
            boolean isEncrypted) {
        ManifestHeader header = saved.header();
        return header.type() == base.type()
                && Objects.equals(header.prior(), base.prior())
                && saved.database().systemId().equals(info.databases().current().systemId())
                && saved.options().compression() == compression
                && header.bundle() == bundle
                && header.bundleRaw() == raw
                && (saved.cipherPass() != null) == isEncrypted
                && (prior == null || Objects.equals(saved.cipherPass(), prior.cipherPass()))
                && info.backups().stream()
                        .allMatch(it -> it.label().stamp().compareTo(saved.label().stamp()) < 0);
    }

    private BackupLabel label(Base base, BackupInfo info) throws BackupException {
        List<BackupLabel> labels = new ArrayList<>(backups.labels());
        info.backups().forEach(it -> labels.add(it.label()));
        ZoneId zone = ZoneId.systemDefault();
        Duration wait = Base.untilNext(labels, clock.instant(), zone);
        if (wait.compareTo(CLOCK_TOLERANCE) > 0) {
            throw new BackupException(
                    BackrestExit.CLOCK,
                    "a backup of this stanza has a label that is "
                            + wait.toSeconds()
                            + " s in the future",
                    "check the clocks and time zones of the hosts that make backups");
        }
        if (!wait.isZero()) {
            stop.pause(wait.toMillis() + 1);
        }
        return base.label(clock.instant(), zone);
    }

    private static String pass(@Nullable Manifest prior, @Nullable Unfinished unfinished) {
        if (prior != null) {
            return Objects.requireNonNull(prior.cipherPass());
        }
        if (unfinished != null) {
            return Objects.requireNonNull(unfinished.manifest().cipherPass());
        }
        byte[] random = new byte[PASS_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    // Start

    private Started start(Plan plan) throws PostgresException {
        Instant at = clock.instant();
        BackupSession.Start start =
                sessions.control()
                        .start(
                                "pgnode backup " + plan.label,
                                options.startFast(),
                                options.startTimeout());
        WalSegment segment = WalSegment.parse(Objects.requireNonNull(start.walFile()));
        LOG.infof(
                "backup started on the server: label=%s lsn=%s timeline=%d",
                plan.label, start.lsn(), segment.timeline());
        return new Started(start.lsn(), segment.timeline(), at);
    }

    /** A standby's files must have all that was written before the start. */
    private void awaitReplay(Started started) throws BackupException, PostgresException {
        if (!sessions.isStandby()) {
            return;
        }
        long since = nanos.getAsLong();
        while (sessions.local().replayed().compareTo(started.lsn) < 0) {
            checkReplayTime(since, started);
        }
        while (true) {
            sessions.local().checkpoint(options.startTimeout());
            DatabaseFacts facts = sessions.local().facts();
            if (facts.checkpointRedo().compareTo(started.lsn) >= 0) {
                if (facts.timeline() != started.timeline) {
                    throw new BackupException(
                            BackrestExit.DB_MISMATCH,
                            "the standby is on timeline "
                                    + facts.timeline()
                                    + ", the primary on "
                                    + started.timeline);
                }
                return;
            }
            checkReplayTime(since, started);
        }
    }

    private void checkReplayTime(long since, Started started)
            throws BackupException, PostgresException {
        if (nanos.getAsLong() - since > options.startTimeout().toNanos()) {
            throw new BackupException(
                    BackrestExit.DB_TIMEOUT,
                    "the standby has not replayed "
                            + started.lsn
                            + " in "
                            + options.startTimeout().toSeconds()
                            + " s; it is at "
                            + sessions.local().replayed(),
                    "is replication delayed or paused?");
        }
        checkRoles();
        stop.pause(POLL_MILLIS);
    }

    private void checkRoles() throws BackupException, PostgresException {
        String problem = sessions.problem();
        if (problem != null) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH, problem, "make the backup once more");
        }
    }

    // List

    private DataLister.Listing list() throws BackupException, PostgresException {
        // Read anew: tablespaces may have come since.
        DataLister.Listing listing = DataLister.list(sessions.local().facts());
        listing.warnings().forEach(this::note);
        return listing;
    }

    /**
     * Times of files have whole seconds: what is changed after it was copied must get another one
     * than was listed.
     */
    private Instant nextSecond() throws BackupException {
        Instant next = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        while (clock.instant().isBefore(next)) {
            stop.pause(Math.max(1, Duration.between(clock.instant(), next).toMillis()));
        }
        return next;
    }

    private Draft draft(
            Plan plan,
            Started started,
            DatabaseFacts facts,
            DataLister.Listing listing,
            Instant copyStart) {
        boolean isDelta =
                options.delta()
                        || DeltaReason.find(
                                        listing.files(), plan.prior, copyStart, started.timeline)
                                .map(
                                        reason -> {
                                            note("contents of files are compared: " + reason);
                                            return true;
                                        })
                                .orElse(false);
        Manifest.Builder builder =
                Manifest.builder()
                        .database(plan.database)
                        .cipherPass(plan.pass)
                        .annotation(options.annotation())
                        .options(manifestOptions(plan, isDelta));
        for (DatabaseFacts.Database database : facts.databases()) {
            builder.database(
                    new ManifestDatabase(database.name(), database.oid(), database.lastSystemId()));
        }
        listing.targets().forEach(builder::target);
        listing.paths().forEach(builder::path);
        listing.links().forEach(builder::link);
        return new Draft(
                builder,
                header(plan, started, facts, copyStart),
                listing.paths().getFirst(),
                isDelta);
    }

    private ManifestOptions manifestOptions(Plan plan, boolean isDelta) {
        return new ManifestOptions(
                options.archiveCheck(),
                false,
                sessions.isStandby(),
                BUFFER_SIZE,
                plan.checksumPages,
                plan.compression.type() != CompressType.NONE,
                plan.compression.nominalLevel(),
                NETWORK_LEVEL,
                plan.compression.type(),
                isDelta,
                false,
                true,
                options.workers());
    }

    private static ManifestHeader header(
            Plan plan, Started started, DatabaseFacts facts, Instant copyStart) {
        List<BackupLabel> references = new ArrayList<>();
        if (plan.prior != null) {
            references.addAll(plan.prior.references());
        }
        references.add(plan.label);
        return new ManifestHeader(
                BACKREST_VERSION,
                plan.label,
                plan.base.type(),
                plan.base.prior(),
                references,
                WalSegment.holding(started.timeline, started.lsn, facts.walSegmentSize()),
                null,
                started.lsn,
                null,
                started.at.truncatedTo(ChronoUnit.SECONDS),
                copyStart,
                Instant.EPOCH,
                plan.bundle,
                plan.raw,
                plan.block);
    }

    // Copy

    private long copy(
            Plan plan,
            Draft draft,
            DatabaseFacts facts,
            Started started,
            DataLister.Listing listing)
            throws BackupException, PostgresException {
        Unfinished unfinished = plan.unfinished;
        FileChooser chooser =
                new FileChooser(
                        plan.base.type(),
                        plan.prior,
                        unfinished == null ? null : unfinished.manifest(),
                        unfinished == null ? _ -> false : unfinished::has,
                        draft.isDelta,
                        plan.bundle,
                        options.bundleLimit(),
                        plan.isInBlocks,
                        started.at);
        List<CopyJob> jobs = new ArrayList<>();
        long known = 0;
        long toRead = 0;
        for (ManifestFile file : listing.files()) {
            switch (chooser.choose(file)) {
                case FileChooser.Choice.Known(ManifestFile chosen) -> {
                    draft.builder.file(checked(chosen, plan));
                    known += file.size();
                }
                case FileChooser.Choice.Read(CopyJob job) -> {
                    draft.builder.file(resumable(job));
                    jobs.add(job);
                    toRead += file.size();
                }
            }
        }
        backups.saveUnfinished(draft.build());
        ReadMeter meter = new ReadMeter(options.bytesPerSecond(), stop::isRequested, nanos);
        FileCopier copier =
                new FileCopier(
                        repository.storage(),
                        backups,
                        layout(plan, draft, facts),
                        new SourceFiles(facts.dataDirectory(), meter),
                        unfinished == null ? 0 : unfinished.lastBundle());
        CopyHost host = new CopyHost(plan, draft, meter, known, toRead, jobs.size());
        draft.copier = copier;
        CopyQueue queue =
                new CopyQueue(jobs, plan.bundle, options.bundleLimit(), options.bundleSize());
        new CopyRun(copier, meter, queue, options.workers()).run(host);
        checkRoles();
        byte[] control = ControlFileReader.read(facts.dataDirectory(), stop);
        draft.builder.file(put(copier, listing.control(), control));
        return meter.bytes();
    }

    /** So that the next run can go on from here. */
    private BackupException saved(Draft draft, BackupException failure) {
        if (draft.isComplete) {
            return failure;
        }
        try {
            backups.saveUnfinished(draft.build());
        } catch (BackupException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    /**
     * What a manifest that is saved says of a file that was not read yet: where an earlier run
     * stored it, so that a third one could use that, too.
     */
    private static ManifestFile resumable(CopyJob job) {
        ManifestFile same = job.same();
        return same != null && same.reference() == null ? same : job.file();
    }

    /** An empty file has nothing wrong in it. */
    private static ManifestFile checked(ManifestFile file, Plan plan) {
        return plan.checksumPages
                        && file.size() == 0
                        && file.pageCheck() == null
                        && file.reference() == null
                        && FileCopier.relation(file.name()).isPresent()
                ? file.stored(
                        0,
                        file.checksum(),
                        file.repoChecksum(),
                        file.repoSize(),
                        file.block(),
                        PageCheck.VALID)
                : file;
    }

    private FileCopier.Layout layout(Plan plan, Draft draft, DatabaseFacts facts) {
        return new FileCopier.Layout(
                plan.label,
                Objects.requireNonNull(draft.header.reference()),
                plan.compression,
                plan.raw,
                plan.pass,
                plan.checksumPages ? facts.blockSize() : 0,
                facts.segmentBlocks());
    }

    private static ManifestFile put(FileCopier copier, ManifestFile file, byte[] content)
            throws BackupException {
        try {
            return copier.put(file, content);
        } catch (java.io.IOException e) {
            throw Failures.of("cannot store " + file.name(), e);
        }
    }

    // Stop

    private BackupResult finish(
            Plan plan,
            Draft draft,
            Started started,
            DatabaseFacts facts,
            ArchiveWait archive,
            long bytesRead)
            throws BackupException, PostgresException {
        BackupSession.Stop stopped = sessions.control().stop(options.startTimeout());
        Instant stopTime = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        int segmentSize = facts.walSegmentSize();
        WalSegment last = WalSegment.parse(Objects.requireNonNull(stopped.walFile()));
        if (last.timeline() != started.timeline) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH,
                    "the timeline changed from "
                            + started.timeline
                            + " to "
                            + last.timeline()
                            + " during the backup");
        }
        storeLabels(draft, stopped, stopTime);
        WalSegment first = WalSegment.holding(started.timeline, started.lsn, segmentSize);
        draft.header = draft.header(first, last, stopped.lsn(), stopTime);
        Manifest complete = draft.build();
        phase(Phase.WAIT_FOR_WAL);
        if (options.archiveCheck()) {
            archive.forAll(first, last, segmentSize);
        }
        stop.check();
        phase(Phase.COMPLETE);
        if (plan.unfinished != null) {
            Unfinished.tidy(complete, repository.storage(), backups);
        }
        draft.isComplete = true;
        backups.complete(complete);
        LOG.infof(
                "backup complete: label=%s lsn=%s stop=%s bytes_read=%d",
                plan.label, started.lsn, stopped.lsn(), bytesRead);
        return new BackupResult(complete.summary(), request.type(), bytesRead, draft.damaged);
    }

    private static void storeLabels(Draft draft, BackupSession.Stop stopped, Instant at)
            throws BackupException {
        draft.put("backup_label", stopped.label(), at);
        if (!stopped.tablespaceMap().isEmpty()) {
            draft.put("tablespace_map", stopped.tablespaceMap(), at);
        }
    }

    /** The manifest as it grows. */
    private static final class Draft {
        private static final int GROUP_READ = 040;
        private static final int OWNER_ONLY = 0600;

        private final Manifest.Builder builder;
        private final ManifestPath root;
        private final boolean isDelta;
        private final List<DamagedPages> damaged = new ArrayList<>();
        private ManifestHeader header;
        private boolean isComplete;
        private @Nullable FileCopier copier;

        Draft(Manifest.Builder builder, ManifestHeader header, ManifestPath root, boolean isDelta) {
            this.builder = builder;
            this.root = root;
            this.header = header;
            this.isDelta = isDelta;
        }

        Manifest build() {
            return builder.header(header).build();
        }

        void put(String name, String content, Instant at) throws BackupException {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            ManifestFile file =
                    ManifestFile.listed(
                            Manifest.PG_DATA + "/" + name,
                            bytes.length,
                            at,
                            root.user(),
                            root.group(),
                            OWNER_ONLY | root.mode() & GROUP_READ);
            builder.file(BackupRun.put(Objects.requireNonNull(copier), file, bytes));
        }

        ManifestHeader header(WalSegment first, WalSegment last, Lsn lsnStop, Instant stop) {
            return new ManifestHeader(
                    header.backrestVersion(),
                    header.label(),
                    header.type(),
                    header.prior(),
                    header.reference(),
                    first,
                    last,
                    header.lsnStart(),
                    lsnStop,
                    header.timestampStart(),
                    header.timestampCopyStart(),
                    stop,
                    header.bundle(),
                    header.bundleRaw(),
                    header.blockIncremental());
        }

        void damaged(ManifestFile file) {
            PageCheck check = file.pageCheck();
            if (check == null || check.valid()) {
                return;
            }
            for (PageCheck.Pages pages : check.errors()) {
                damaged.add(new DamagedPages(file.name(), pages.first(), pages.last()));
            }
            if (check.errors().isEmpty()) {
                LOG.warnf("file does not end at the end of a page: file=%s", file.name());
            }
        }
    }

    /** Takes the results of copying, on the thread of the run. */
    private final class CopyHost implements CopyRun.Host {
        private static final long ROLES_NANOS = 5_000_000_000L;
        private static final long PROGRESS_NANOS = 1_000_000_000L;
        private static final double SMOOTHING = 0.3;

        private final Draft draft;
        private final Plan plan;
        private final ReadMeter meter;
        private final long known;
        private final long toRead;
        private final int files;
        private long doneBytes;
        private int doneFiles;
        private long savedBytes;
        private long rolesAt = nanos.getAsLong();
        private long progressAt = nanos.getAsLong();
        private long bytesAtProgress;
        private double rate;

        CopyHost(Plan plan, Draft draft, ReadMeter meter, long known, long toRead, int files) {
            this.plan = plan;
            this.draft = draft;
            this.meter = meter;
            this.known = known;
            this.toRead = toRead;
            this.files = files;
        }

        @Override
        public void done(CopyJob job, @Nullable ManifestFile file) {
            doneFiles++;
            doneBytes += job.file().size();
            if (file == null) {
                draft.builder.removeFile(job.file().name());
                if (FileCopier.relation(job.file().name()).isEmpty()) {
                    note(job.file().name() + " went away before it was copied");
                }
                return;
            }
            draft.builder.file(checked(file, plan));
            if (file.reference() == null) {
                int before = draft.damaged.size();
                draft.damaged(file);
                draft.damaged
                        .subList(before, draft.damaged.size())
                        .forEach(pages -> note("checksum is wrong in " + pages));
            }
        }

        @Override
        public void tick() throws BackupException {
            stop.check();
            long now = nanos.getAsLong();
            if (now - rolesAt > ROLES_NANOS) {
                rolesAt = now;
                try {
                    checkRoles();
                } catch (PostgresException e) {
                    throw Failures.of(BackrestExit.DB_QUERY, e);
                }
            }
            if (doneBytes - savedBytes > Math.max(options.saveBytes(), toRead / 100)) {
                savedBytes = doneBytes;
                backups.saveUnfinished(draft.build());
            }
            if (now - progressAt > PROGRESS_NANOS || doneFiles == files) {
                progress(now);
            }
        }

        private void progress(long now) throws BackupException {
            long read = meter.bytes();
            double seconds = Math.max(1e-3, (now - progressAt) / 1e9);
            double current = (read - bytesAtProgress) / seconds;
            rate = rate == 0 ? current : rate + SMOOTHING * (current - rate);
            progressAt = now;
            bytesAtProgress = read;
            long done = doneFiles == files ? toRead : Math.max(doneBytes, Math.min(read, toRead));
            lock.progress(known + done, known + toRead);
            progress.at(
                    new Progress.Status(
                            Phase.COPY, known + done, known + toRead, doneFiles, files, rate));
        }
    }

    private void phase(Phase phase) throws BackupException {
        stop.check();
        progress.at(new Progress.Status(phase, 0, 0, 0, 0, 0));
    }

    private void note(String sentence) {
        LOG.info(sentence);
        progress.note(sentence);
    }
}
