package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.os.AtomicFile;
import io.pgnode.os.CommandResult;
import io.pgnode.os.Directories;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.Signal;
import io.pgnode.postgres.PostgresSettings.BootstrapMethod;
import io.pgnode.postgres.core.BackupProgress;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.Divergence;
import io.pgnode.postgres.core.PidFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL instance of this node.
 *
 * <p>Actions ({@link #start}, {@link #stop}, {@link #promote}, …) block until done or until their
 * deadline; one at a time, on a virtual thread. {@link #observe}, {@link #probe}, {@link #kill} and
 * {@link #cancel} may be called from any thread at any time. An agent that ends leaves the server
 * running; the next one finds it by {@link #adopt}.
 */
public final class PostgresInstance implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PostgresInstance.class);
    private static final String KEPT_CONFIG = "patroni.dynamic.json";
    private static final long MAX_KEPT_CONFIG = 1 << 20;

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration RECOVERY_LIMIT = Duration.ofDays(7);
    private static final Duration AFTER_SHUTDOWN = Duration.ofSeconds(3);

    /** Without that segment the replicas are copied from the leader. */
    private static final Duration FIRST_SEGMENT_LIMIT = Duration.ofSeconds(30);

    private static final long FIRST_SEGMENT_MILLIS = 100;

    /** For server processes to notice a reload that the postmaster has already seen. */
    private static final long RELOAD_MILLIS = 50;

    private final CurrentSettings settings;
    private final LongSupplier clock;
    private final InstantSource wall;
    private final DataDirectory data;
    private final ConfigFiles files;
    private final PassFile passFile;
    private final Configuration configuration;
    private final Postmaster postmaster;
    private final Prober prober;
    private final SqlSession session;
    private final ToolRunner tools;
    private final Starter starter;
    private final BootstrapRecovery bootstrapRecovery;
    private final Stopper stopper;
    private final Promoter promoter;
    private final Initializer initializer;
    private final Cloner cloner;
    private final Rewinder rewinder;
    private final PromotionMarker promotion;
    private final SkippedTimelines skipped;
    private final RenamedDirectories renamed;
    private final List<Runnable> exitListeners = new CopyOnWriteArrayList<>();

    private volatile boolean isStopping;
    private volatile ReplayedTimeline replayedTimeline = new ReplayedTimeline(0, 0);

    /**
     * @param clock monotonic nanoseconds
     * @param wall for names of directories renamed aside
     */
    public PostgresInstance(PostgresSettings settings, LongSupplier clock, InstantSource wall) {
        CurrentSettings current = new CurrentSettings(settings);
        this.settings = current;
        this.clock = clock;
        this.wall = wall;
        this.data = new DataDirectory(settings);
        this.promotion = new PromotionMarker(data);
        this.skipped = new SkippedTimelines(data);
        this.renamed = new RenamedDirectories(data);
        this.files = new ConfigFiles(current, data);
        this.passFile = new PassFile(current);
        ConnStrings connStrings = new ConnStrings(current, passFile.path());
        this.configuration =
                new Configuration(current, files, connStrings, new ParameterCheck(settings, data));
        this.postmaster = new Postmaster(data, clock, this::exited);
        this.prober = new Prober(() -> SqlTarget.probe(current.get()), clock);
        this.session = new SqlSession(() -> SqlTarget.local(current.get()));
        this.tools = new ToolRunner(settings, passFile);
        this.starter =
                new Starter(settings, data, configuration, files, passFile, postmaster, clock);
        this.bootstrapRecovery =
                new BootstrapRecovery(
                        settings, data, files, configuration, starter, postmaster, session, clock);
        this.stopper = new Stopper(data, postmaster, clock);
        this.promoter = new Promoter(session, data, postmaster, clock);
        this.initializer = new Initializer(current, data, files, passFile, tools, session);
        this.cloner = new Cloner(current, data, connStrings, tools);
        this.rewinder = new Rewinder(current, data, files, connStrings, tools, clock);
    }

    /** The settings in force. */
    public PostgresSettings settings() {
        return settings.get();
    }

    // --- What it is doing -------------------------------------------------------------------

    /** Files and process as they are now, the rest from the last probe. Costs no SQL. */
    public InstanceView observe() {
        Optional<ProcessIdentity> process = postmaster.find();
        DataState state = data.state();
        Optional<ControlData> control =
                state == DataState.EMPTY ? Optional.empty() : data.control();
        ServerFacts facts = process.isEmpty() ? null : onItsTimeline(prober.facts());
        int promoted = control.map(c -> promotion.timeline(c.systemId())).orElse(0);
        Path wal = walPath();
        return new Observation(
                        state, processState(process), control, data.isStandby(), facts, promoted)
                .view(
                        prober.answers() && facts != null,
                        configuredUpstream(),
                        pendingRestart(facts),
                        freeBytes(wal),
                        wal.toString());
    }

    /**
     * A standby that streams tells its timeline; once it does not, SQL only knows that of the last
     * restartpoint, which may be one behind. It never goes back while the server runs.
     */
    private @Nullable ServerFacts onItsTimeline(@Nullable ServerFacts facts) {
        if (facts == null || !facts.inRecovery()) {
            return facts;
        }
        ReplayedTimeline known = replayedTimeline;
        int seen =
                known.postmasterStartMillis() == facts.postmasterStartMillis()
                        ? known.timeline()
                        : 0;
        int timeline = Math.max(facts.timeline(), seen);
        if (!facts.streaming()) {
            timeline = Math.max(timeline, postmaster.replayTimeline());
        }
        replayedTimeline = new ReplayedTimeline(facts.postmasterStartMillis(), timeline);
        return facts.onTimeline(timeline);
    }

    private record ReplayedTimeline(long postmasterStartMillis, int timeline) {}

    private ProcessState processState(Optional<ProcessIdentity> process) {
        if (process.isEmpty()) {
            return ProcessState.STOPPED;
        }
        Optional<PidFile> file = data.pidFile().filter(found -> found.pid() == process.get().pid());
        if (isStopping || file.filter(PidFile::isStopping).isPresent()) {
            return ProcessState.STOPPING;
        }
        boolean accepts = file.filter(PidFile::isReady).isPresent() || prober.answers();
        return accepts ? ProcessState.RUNNING : ProcessState.STARTING;
    }

    private @Nullable HostPort configuredUpstream() {
        Upstream upstream = configuration.upstream();
        return upstream == null || !data.hasStandbySignal() ? null : upstream.address();
    }

    private Map<String, String> pendingRestart(@Nullable ServerFacts facts) {
        if (facts == null) {
            return Map.of();
        }
        Map<String, String> pending = new HashMap<>(facts.pendingRestart());
        pending.putAll(configuration.current().pendingFrom(facts.forcedSettings()));
        return pending;
    }

    private Path walPath() {
        Path wal = data.file("pg_wal");
        return Files.exists(wal) ? wal : nearestExisting(data.path());
    }

    private static long freeBytes(Path path) {
        try {
            return Directories.freeBytes(path);
        } catch (IOException e) {
            return -1;
        }
    }

    private static Path nearestExisting(Path path) {
        Path at = path;
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    /** Asks the server by SQL; whatever happens, this returns by the deadline. */
    public ProbeResult probe(Duration deadline) {
        return postmaster.isFrozen()
                ? prober.doesNotAnswer("the postmaster is stopped by a signal")
                : prober.probe(deadline);
    }

    /** pg_control as it is now; empty when there is no readable one. */
    public Optional<ControlData> control() {
        return data.control();
    }

    /**
     * Runs the listener when the server has ended and nothing of it is left, on a thread of its
     * own; also for a server that {@link #adopt} found.
     */
    public void onExit(Runnable listener) {
        exitListeners.add(listener);
    }

    private void exited() {
        prober.forget();
        session.close();
        exitListeners.forEach(Runnable::run);
    }

    // --- Process ----------------------------------------------------------------------------

    /** Finds a server that already runs in the data directory; false when there is none. */
    public boolean adopt() {
        return postmaster.find().isPresent();
    }

    /** The running server, for the guard; empty when there is none. */
    public Optional<ProcessIdentity> process() {
        return postmaster.find();
    }

    /**
     * Starts as a primary when {@code isStandby} is false. A standby without an upstream serves
     * what it has and waits to be told whom to {@link #follow}.
     */
    public StartResult start(boolean isStandby, @Nullable Upstream upstream, Duration deadline)
            throws PostgresException {
        isStopping = false;
        configuration.readOnly(false);
        if (isStandby) {
            configuration.syncNames(null);
            skipped.forgetUnused();
            promotion.settle(data.control().map(ControlData::timeline).orElse(0));
        }
        prober.forget();
        return starter.start(isStandby, upstream, deadline);
    }

    /** Waits until a server that is starting accepts connections. */
    public StartResult awaitStart(Duration deadline) throws PostgresException {
        return starter.await(deadline);
    }

    /**
     * Stops it, by more severe means when the budget ends: at most about ten seconds longer than
     * that.
     */
    public StopResult stop(StopMode mode, Duration budget) throws PostgresException {
        return stop(mode, budget, budget, _ -> {});
    }

    /**
     * As {@link #stop(StopMode, Duration)}; for a demotion.
     *
     * <p>Once the shutdown checkpoint is written, the server gets at most three seconds more: a
     * standby that does not answer, or a slow archiver, must not hold up who takes over. What is
     * not archived then, the next start archives.
     *
     * @param onShutDown called on this thread as soon as the shutdown checkpoint is written,
     *     although the server may still archive and wait for standbys: nothing more will be written
     */
    public StopResult stop(StopMode mode, Duration budget, Consumer<ShutdownPoint> onShutDown)
            throws PostgresException {
        return stop(mode, budget, AFTER_SHUTDOWN, onShutDown);
    }

    /** A stop is next: it shows as stopping from now on, so that nobody is sent to it. */
    public void announceStop() {
        isStopping = true;
    }

    private StopResult stop(
            StopMode mode,
            Duration budget,
            Duration afterShutDown,
            Consumer<ShutdownPoint> onShutDown)
            throws PostgresException {
        isStopping = true;
        try {
            return stopper.stop(mode, budget, afterShutDown, onShutDown);
        } finally {
            isStopping = false;
        }
    }

    /**
     * Fences: ends every process of the server, within some 200 ms. Returns when nothing is left,
     * or after about five seconds when something resists SIGKILL.
     */
    public void kill() {
        postmaster.killTree();
    }

    /**
     * Writes a checkpoint, so that a following stop or the next recovery is short. May go on while
     * other actions run: it has a connection of its own.
     */
    public void checkpoint(Duration deadline) throws PostgresException {
        try (SqlConnection own = SqlConnection.open(SqlTarget.local(settings()), SHORT)) {
            own.execute(deadline, "CHECKPOINT");
        } catch (SQLException e) {
            throw new PostgresException("cannot checkpoint: " + SqlConnection.message(e), e);
        }
    }

    // --- Roles ------------------------------------------------------------------------------

    /**
     * Makes the running standby a primary; returns when it accepts writes.
     *
     * @return how long it took
     */
    public Duration promote(Duration deadline) throws PostgresException {
        return promote(0, 0, deadline);
    }

    /**
     * As {@link #promote(Duration)}.
     *
     * @param epoch in which it was decided, to be remembered beside the data directory
     * @param timeline that it is to begin at the earliest; zero for the next free one
     */
    public Duration promote(long epoch, int timeline, Duration deadline) throws PostgresException {
        ControlData control = ControlFile.read(data.path(), settings().binDir());
        skipped.skip(Math.max(control.timeline(), observe().timeline()), timeline);
        promotion.begin(control.systemId(), control.timeline(), epoch);
        Duration took = promoter.promote(deadline);
        configuration.upstream(null);
        if (configuration.write(null)) {
            reload();
        }
        prober.probe(SHORT);
        return took;
    }

    /**
     * After a promotion that skipped timelines: so that a recovery from the archive finds the way
     * over them. Runs beside other actions; a failure is logged.
     */
    public void archiveSkippedTimelines(Duration limit) {
        skipped.archive(
                name -> {
                    try (SqlConnection own =
                            SqlConnection.open(SqlTarget.local(settings()), SHORT)) {
                        return own.text(SHORT, "SHOW " + name);
                    }
                },
                tools,
                limit);
    }

    /**
     * Keeps the cluster's dynamic configuration beside the data it belongs to, under the name that
     * Patroni uses, for the case that the DCS loses it.
     */
    public void keepConfig(String json) throws PostgresException {
        try {
            if (!json.equals(keptConfig())) {
                AtomicFile.write(
                        data.file(KEPT_CONFIG),
                        json.getBytes(StandardCharsets.UTF_8),
                        AtomicFile.OWNER_ONLY);
            }
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot write " + data.file(KEPT_CONFIG) + ": " + e.getMessage(), e);
        }
    }

    /** What {@link #keepConfig} kept last; empty when there is nothing, or nothing readable. */
    public String keptConfig() {
        Path file = data.file(KEPT_CONFIG);
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAX_KEPT_CONFIG
                    ? Files.readString(file)
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** Points the running standby to another upstream, without a restart; null for none. */
    public void follow(@Nullable Upstream upstream) throws PostgresException {
        if (!data.hasStandbySignal()) {
            throw new PostgresException("only a standby can follow " + nameOf(upstream));
        }
        promotion.notPromoted();
        passFile.write();
        configuration.upstream(upstream);
        files.stripAutoConf();
        if (configuration.write(ControlFile.read(data.path(), settings().binDir()))) {
            reload();
        }
    }

    private static String nameOf(@Nullable Upstream upstream) {
        return upstream == null ? "nobody" : upstream.name();
    }

    /** Whether the standby is configured to follow exactly this upstream, by this slot. */
    public boolean isFollowing(@Nullable Upstream upstream) {
        Upstream current = configuration.upstream();
        if (!data.hasStandbySignal()) {
            return false;
        }
        if (upstream == null || current == null) {
            return upstream == null && current == null;
        }
        return current.address().equals(upstream.address())
                && current.slot().equals(upstream.slot());
    }

    // --- Data -------------------------------------------------------------------------------

    /**
     * Makes a new cluster in the empty data directory, by initdb or the configured command; what a
     * failure leaves is renamed aside.
     */
    public void initdb() throws PostgresException {
        BootstrapMethod method = settings().bootstrap();
        try {
            if (method == null) {
                initializer.initdb("failed-" + stamp());
            } else {
                initializer.runCommand(method, "failed-" + stamp());
            }
        } finally {
            renamed.prune(settings().keepRenamed());
        }
        promotion.remove();
    }

    /**
     * The first start of what {@link #initdb} made; returns when it accepts writes.
     *
     * @param deadline of a plain start; a recovery has its own limit
     */
    public StartResult startNew(Duration deadline) throws PostgresException {
        BootstrapMethod method = settings().bootstrap();
        if (method == null) {
            return start(false, null, deadline);
        }
        isStopping = false;
        configuration.readOnly(false);
        prober.forget();
        return bootstrapRecovery.start(method);
    }

    /**
     * Overwrites the data directory by {@link PostgresSettings#restoreProgram}, whatever is in it,
     * and recovers to the target; returns when it accepts writes. Until then the directory is
     * marked as unfinished.
     *
     * @param target options of the program without their dashes
     * @param synchronousStandbyNames in force from its first write on; empty for none
     * @throws PostgresException also when the directory has WAL that was not archived yet: it would
     *     be lost
     */
    public StartResult restoreCluster(Map<String, String> target, String synchronousStandbyNames)
            throws PostgresException {
        List<String> program = settings().restoreProgram();
        if (program.isEmpty()) {
            throw new PostgresException(
                    "no backup repository is configured here", "see backup.repositories");
        }
        if (data.state() == DataState.VALID) {
            refuseToLoseWal();
        }
        data.markUnfinished("the recovery of the cluster");
        configuration.syncNames(synchronousStandbyNames);
        List<String> words = new ArrayList<>(program);
        words.add("--delta");
        words.add("--target-action=promote");
        new TreeMap<>(target).forEach((name, value) -> words.add(option(name, value)));
        CommandResult result = tools.runCommand(words, settings().timeouts().copy(), _ -> {});
        if (!result.isSuccess()) {
            throw new PostgresException(result.explain());
        }
        promotion.remove();
        isStopping = false;
        configuration.readOnly(false);
        prober.forget();
        StartResult started =
                bootstrapRecovery.start(
                        new BootstrapMethod(
                                "recovery of the cluster",
                                words,
                                true,
                                true,
                                Map.of(),
                                RECOVERY_LIMIT));
        if (started.isStarted() && usesRepository()) {
            archiveFirstSegment();
        }
        return started;
    }

    /**
     * The archive has WAL of the timeline that was left, from after the target: a replica from the
     * repository must find the new timeline's there, in the segment that both have.
     */
    private void archiveFirstSegment() throws PostgresException {
        try {
            String segment = session.text(SHORT, "SELECT pg_walfile_name(pg_switch_wal())");
            Deadline deadline = Deadline.in(FIRST_SEGMENT_LIMIT, clock);
            if (segment != null
                    && !deadline.await(() -> !data.isToArchive(segment), FIRST_SEGMENT_MILLIS)) {
                LOG.warnf("the first WAL of the new timeline is not archived yet wal=%s", segment);
            }
        } catch (SQLException e) {
            LOG.warnf("cannot archive the first WAL: %s", SqlConnection.message(e));
        }
    }

    private static String option(String name, String value) {
        return value.isEmpty() ? "--" + name : "--" + name + "=" + value;
    }

    private void refuseToLoseWal() throws PostgresException {
        List<String> ready = data.notArchived();
        if (!ready.isEmpty()) {
            throw new PostgresException(
                    ready.size()
                            + " WAL files of "
                            + data.path()
                            + " are not archived yet, the first is "
                            + ready.getFirst(),
                    "the log of the server says why archive_command fails; when they are not"
                            + " needed, remove their .ready files in pg_wal/archive_status");
        }
    }

    /** Ends a restore that recovered, and whose agent died before it could say so. */
    public void acceptData() throws PostgresException {
        bootstrapRecovery.finish();
    }

    /** Says that the data is to be copied anew, by a method that may use what is there. */
    public void giveUpData(String why) throws PostgresException {
        data.markUnfinished(why);
    }

    /** Whether replicas may come from the backup repository, over what they have. */
    public boolean usesRepository() {
        return settings().createReplicaMethods().getFirst().isRepository();
    }

    /** Whether the first method of making a replica reuses an unfinished data directory. */
    public boolean mayReuseData() {
        return data.state() == DataState.UNFINISHED
                && settings().createReplicaMethods().getFirst().keepData();
    }

    /** Creates or updates the replication and rewind roles on the running primary. */
    public void createRoles() throws PostgresException {
        initializer.createRoles();
    }

    /** Runs the operator's command on the new cluster, with a connection URL as last argument. */
    public void postBootstrap(List<String> command) throws PostgresException {
        initializer.postBootstrap(command);
    }

    /**
     * Fills the empty data directory with a copy, by the configured methods in turn.
     *
     * @param upstream null to allow only methods that need no leader
     * @param progress called on another thread, about once a second
     */
    public void cloneFrom(@Nullable Upstream upstream, Consumer<BackupProgress> progress)
            throws PostgresException {
        configuration.syncNames(null);
        try {
            cloner.cloneFrom(upstream, stamp(), progress);
        } finally {
            renamed.prune(settings().keepRenamed());
        }
        promotion.remove();
    }

    /**
     * Whether this instance, running as a standby or stopped, holds WAL that is not in the leader's
     * history. Asks the leader over the replication protocol.
     */
    public Divergence divergence(Upstream leader, Duration limit) throws PostgresException {
        ControlData control = ControlFile.read(data.path(), settings().binDir());
        ServerFacts facts = postmaster.find().isEmpty() ? null : prober.facts();
        Divergence.Local local =
                facts != null && facts.inRecovery()
                        ? Divergence.Local.replaying(
                                Math.max(facts.timeline(), postmaster.replayTimeline()),
                                facts.replayLsn())
                        : Divergence.Local.of(control);
        return rewinder.divergence(local, control.systemId(), leader, limit);
    }

    /**
     * Takes the stopped instance back to where its history meets the source's, and copies what the
     * source wrote since. When it fails half way the data directory stays {@link
     * DataState#UNFINISHED}.
     */
    public RewindResult rewind(Upstream source, Consumer<BackupProgress> progress)
            throws PostgresException {
        if (postmaster.find().isPresent()) {
            throw new PostgresException("cannot rewind: a server runs in " + data.path());
        }
        if (data.state() != DataState.VALID) {
            throw new PostgresException("cannot rewind " + data.path() + ": it is " + data.state());
        }
        postmaster.killSurvivors();
        RewindResult result = rewinder.rewind(source, progress);
        if (result instanceof RewindResult.Done) {
            promotion.remove();
        }
        return result;
    }

    /** Ends the tool that runs now, if any: its action fails. */
    public void cancel() {
        tools.cancel();
    }

    /**
     * Brings a crashed instance to a clean shutdown by a single-user server, which accepts no
     * connections. Only when it is stopped; pg_rewind does this by itself.
     */
    public void recoverCrash() throws PostgresException {
        if (postmaster.find().isPresent()) {
            throw new PostgresException("a server runs in " + data.path());
        }
        postmaster.killSurvivors();
        data.setStandbySignal(false);
        CommandResult result =
                tools.run(
                        "postgres",
                        List.of(
                                "--single",
                                "-D",
                                data.path().toString(),
                                "-c",
                                "archive_mode=on",
                                "-c",
                                "archive_command=false",
                                "template1"),
                        settings().timeouts().tool(),
                        _ -> {});
        if (!result.isSuccess()) {
            throw new PostgresException(
                    "crash recovery of " + data.path() + ": " + result.explain());
        }
    }

    /** Bytes in pg_wal; what a recovery would at most have to read. */
    public long walSize() {
        long bytes = 0;
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(data.file("pg_wal"))) {
            for (Path segment : segments) {
                bytes += Files.isRegularFile(segment) ? Files.size(segment) : 0;
            }
        } catch (IOException e) {
            return bytes; // a segment was recycled under our eyes, or there is no directory
        }
        return bytes;
    }

    /**
     * Renames the data directory, so that a new one can be made; never deletes.
     *
     * @param why {@code removed} or {@code failed}
     * @return the new name
     */
    public Path moveAside(String why) throws PostgresException {
        if (postmaster.find().isPresent()) {
            throw new PostgresException("a server runs in " + data.path());
        }
        Path aside = data.moveAside(why + "-" + stamp());
        promotion.remove();
        return aside;
    }

    /** Data directories that were renamed aside, oldest first; deleting them is the operator's. */
    public List<Path> movedAside() {
        return renamed.list();
    }

    private String stamp() {
        return STAMP.format(wall.instant());
    }

    // --- Configuration ----------------------------------------------------------------------

    /**
     * Takes over the cluster's configuration and reloads the server when files changed; what needs
     * a restart shows up in {@link InstanceView#pendingRestart} after the next probe.
     *
     * @param parameters of the dynamic configuration
     * @param hba lines of pg_hba.conf; empty for none
     * @param ident lines of pg_ident.conf; empty for none
     * @return whether files changed
     */
    public boolean applyParameters(
            Map<String, String> parameters, List<String> hba, List<String> ident)
            throws PostgresException {
        configuration.cluster(parameters, hba, ident);
        if (data.state() != DataState.VALID) {
            return false;
        }
        passFile.write();
        return rewrite();
    }

    /**
     * Takes over this member's own settings after a reload, as far as {@link
     * PostgresSettings#reloaded} says. Any thread; whatever is done from now on goes by them, and
     * {@link #applyParameters} brings them into the files.
     */
    public void reloadSettings(PostgresSettings newer) {
        settings.reload(newer);
    }

    /**
     * Configured parameters that the server does not know or whose value it refuses, with its
     * reason. They are left out of the files, so that they keep nobody from starting.
     */
    public Map<String, String> refusedParameters() {
        return configuration.refused();
    }

    private boolean rewrite() throws PostgresException {
        boolean isStandby = data.hasStandbySignal();
        ControlData control = ControlFile.read(data.path(), settings().binDir());
        boolean changed = configuration.write(isStandby ? control : null);
        if (changed) {
            reload();
        }
        return changed;
    }

    /** Lets the server read its files again; false when it does not run. */
    public boolean reload() throws PostgresException {
        return postmaster.signal(Signal.HUP);
    }

    /**
     * Sets synchronous_standby_names and waits until the server has taken it over.
     *
     * @param names null to leave it to the parameter lists again
     * @return the primary's flush position after that: a standby that is named now holds every
     *     acknowledged commit once it has flushed up to there; {@link Lsn#NONE} on a standby
     */
    public Lsn setSynchronousStandbyNames(@Nullable String names, Duration limit)
            throws PostgresException {
        configuration.syncNames(names);
        boolean changed = rewrite();
        if (data.hasStandbySignal() || postmaster.find().isEmpty()) {
            return Lsn.NONE;
        }
        Deadline deadline = Deadline.in(limit, clock);
        if (changed && names != null && !deadline.await(() -> hasSyncNames(names), RELOAD_MILLIS)) {
            throw new PostgresException(
                    "the server did not take over synchronous_standby_names = "
                            + names
                            + " within "
                            + limit.toMillis()
                            + " ms");
        }
        String flushed =
                sql(
                        "read the flush position",
                        () ->
                                session.text(
                                        deadline.leftAtMost(SHORT),
                                        "SELECT pg_sleep("
                                                + (changed ? RELOAD_MILLIS / 1000.0 : 0)
                                                + "), pg_current_wal_flush_lsn()",
                                        2));
        return flushed == null ? Lsn.NONE : Lsn.parse(flushed);
    }

    /** As a new session sees it: the kept one may not have read the files yet. */
    private boolean hasSyncNames(String names) {
        try (SqlConnection fresh = SqlConnection.open(SqlTarget.local(settings()), SHORT)) {
            return names.equals(fresh.text(SHORT, "SHOW synchronous_standby_names"));
        } catch (SQLException e) {
            return false;
        }
    }

    /**
     * Makes new transactions read-only, in sessions that do not set it themselves, until the next
     * start or until taken back: the last moments before a switchover.
     */
    public void setReadOnly(boolean isReadOnly) throws PostgresException {
        configuration.readOnly(isReadOnly);
        rewrite();
    }

    /** Ends all client sessions but ours. */
    public void terminateBackends(Duration deadline) throws PostgresException {
        sql(
                "end client sessions",
                () ->
                        session.execute(
                                deadline,
                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                                        + " backend_type = 'client backend' AND application_name <>"
                                        + " 'pgnode' AND pid <> pg_backend_pid()"));
    }

    // --- SQL --------------------------------------------------------------------------------

    /** Physical slot of a member, reserving WAL from now on; does nothing when it exists. */
    public void createSlot(String name) throws PostgresException {
        String literal = literal(name);
        sql(
                "create slot " + name,
                () ->
                        session.execute(
                                SHORT,
                                "SELECT pg_create_physical_replication_slot("
                                        + literal
                                        + ", true) WHERE NOT EXISTS (SELECT 1 FROM"
                                        + " pg_replication_slots WHERE slot_name = "
                                        + literal
                                        + ")"));
    }

    /** Drops a slot that nobody uses; false when it is in use. */
    public boolean dropSlot(String name) throws PostgresException {
        String literal = literal(name);
        return sql(
                "drop slot " + name,
                () -> {
                    session.execute(
                            SHORT,
                            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                    + " WHERE NOT active AND slot_name = "
                                    + literal);
                    return session.text(
                                    SHORT,
                                    "SELECT 1 FROM pg_replication_slots WHERE slot_name = "
                                            + literal)
                            == null;
                });
    }

    /** Lets a slot that nobody uses forget WAL before {@code position}. */
    public void advanceSlot(String name, Lsn position) throws PostgresException {
        sql(
                "advance slot " + name,
                () ->
                        session.execute(
                                SHORT,
                                "SELECT pg_replication_slot_advance(slot_name, '"
                                        + position
                                        + "') FROM pg_replication_slots WHERE NOT active AND"
                                        + " restart_lsn < '"
                                        + position
                                        + "' AND slot_name = "
                                        + literal(name)));
    }

    private interface SqlCall<T extends @Nullable Object> {
        T run() throws SQLException;
    }

    private interface SqlAction {
        void run() throws SQLException;
    }

    private static <T extends @Nullable Object> T sql(String what, SqlCall<T> call)
            throws PostgresException {
        try {
            return call.run();
        } catch (SQLException e) {
            throw new PostgresException("cannot " + what + ": " + SqlConnection.message(e), e);
        }
    }

    private static void sql(String what, SqlAction call) throws PostgresException {
        try {
            call.run();
        } catch (SQLException e) {
            throw new PostgresException("cannot " + what + ": " + SqlConnection.message(e), e);
        }
    }

    private static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** Stops watching and closes connections; the server goes on. */
    @Override
    public void close() {
        postmaster.close();
        prober.close();
        session.close();
    }
}
