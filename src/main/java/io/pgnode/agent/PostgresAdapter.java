package io.pgnode.agent;

import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.postgres.PostgresException;
import io.pgnode.postgres.PostgresInstance;
import io.pgnode.postgres.RewindResult;
import io.pgnode.postgres.ShutdownPoint;
import io.pgnode.postgres.StartResult;
import io.pgnode.postgres.StopMode;
import io.pgnode.postgres.StopResult;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@link Postgres} on the real instance: every blocking call on a virtual thread, fencing on a
 * platform thread.
 */
public final class PostgresAdapter implements Postgres {
    private static final Logger LOG = Logger.getLogger(PostgresAdapter.class);
    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final Duration SHORT = Duration.ofSeconds(5);

    private final PostgresInstance instance;
    private final Supplier<Duration> startTimeout;
    private final List<String> postBootstrap;
    private final Consumer<ProcessIdentity> onPostmaster;
    private final AtomicReference<@Nullable CompletableFuture<@Nullable Void>> fencing =
            new AtomicReference<>();
    private volatile InstanceView view;

    /** The exit that comes next is ours: it may be noticed after the stop returned. */
    private volatile boolean exitExpected;

    private volatile @Nullable ProcessIdentity announced;

    private interface Work<T extends @Nullable Object> {
        T run() throws Exception;
    }

    /**
     * @param startTimeout how long a start is waited for; afterwards it goes on by itself
     * @param postBootstrap the operator's command after the first start; empty for none
     * @param onPostmaster learns of every new postmaster before it can accept writes
     */
    public PostgresAdapter(
            PostgresInstance instance,
            Supplier<Duration> startTimeout,
            List<String> postBootstrap,
            Consumer<ProcessIdentity> onPostmaster) {
        this.instance = instance;
        this.startTimeout = startTimeout;
        this.postBootstrap = List.copyOf(postBootstrap);
        this.onPostmaster = onPostmaster;
        this.view = instance.observe();
    }

    @Override
    public InstanceView view() {
        return view;
    }

    @Override
    public CompletableFuture<InstanceView> refresh() {
        return run("look", this::look);
    }

    private InstanceView look() {
        instance.process().ifPresent(this::announce);
        if (instance.process().isPresent()) {
            instance.probe(PROBE);
        }
        InstanceView seen = instance.observe();
        view = seen;
        return seen;
    }

    private void announce(ProcessIdentity postmaster) {
        if (!postmaster.equals(announced)) {
            announced = postmaster;
            onPostmaster.accept(postmaster);
        }
    }

    @Override
    public void onExit(Runnable listener) {
        instance.onExit(
                () -> {
                    view = instance.observe();
                    if (!exitExpected) {
                        listener.run();
                    }
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> fence(String why) {
        CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> running = fencing.compareAndExchange(null, mine);
        if (running != null) {
            return running;
        }
        Thread.ofPlatform()
                .name("fence")
                .daemon(true)
                .start(
                        () -> {
                            exitExpected = true;
                            try {
                                instance.cancel();
                                instance.kill();
                                view = instance.observe();
                                fencing.set(null);
                                if (view.process() == ProcessState.STOPPED) {
                                    mine.complete(null);
                                } else {
                                    mine.completeExceptionally(
                                            new PostgresProblem(
                                                    "processes of the instance survived SIGKILL"));
                                }
                            } catch (RuntimeException e) {
                                fencing.set(null);
                                mine.completeExceptionally(e);
                            }
                        });
        return mine;
    }

    @Override
    public CompletableFuture<String> initdb() {
        return run(
                "create the data directory",
                () -> {
                    instance.initdb();
                    view = instance.observe();
                    return view.systemId();
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> completeBootstrap() {
        return run(
                "complete the new cluster",
                () -> {
                    instance.createRoles();
                    if (!postBootstrap.isEmpty()) {
                        instance.postBootstrap(postBootstrap);
                    }
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> startNew() {
        return run("start", () -> started("primary", () -> instance.startNew(startTimeout.get())));
    }

    @Override
    public CompletableFuture<@Nullable Void> startPrimary() {
        return run("start", () -> start(false, null));
    }

    @Override
    public CompletableFuture<@Nullable Void> startStandby(@Nullable Upstream upstream) {
        return run("start", () -> start(true, upstream));
    }

    private @Nullable Void start(boolean standby, @Nullable Upstream upstream) throws Exception {
        return started(
                standby ? "standby" : "primary",
                () -> instance.start(standby, of(upstream), startTimeout.get()));
    }

    private @Nullable Void started(String role, Work<StartResult> start) throws Exception {
        exitExpected = false;
        try (PostmasterWatch _ = new PostmasterWatch()) {
            switch (start.run()) {
                case StartResult.Started _ -> LOG.infof("started as %s", role);
                case StartResult.StillStarting starting ->
                        LOG.infof("the instance is still starting: %s", starting.lastLog());
                case StartResult.Failed failed -> throw new PostgresProblem(failed.why());
            }
        } finally {
            look();
        }
        return null;
    }

    /** Tells the guard of the new postmaster while the start is still waiting for it. */
    private final class PostmasterWatch implements AutoCloseable {
        private final Thread thread =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        while (instance.process().isEmpty()) {
                                            Thread.sleep(5);
                                        }
                                        instance.process()
                                                .ifPresent(PostgresAdapter.this::announce);
                                        view = instance.observe();
                                    } catch (InterruptedException _) {
                                        Thread.currentThread().interrupt();
                                    }
                                });

        @Override
        public void close() {
            thread.interrupt();
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> promote(long epoch, int timeline) {
        return run(
                "promote",
                () -> {
                    Duration took = instance.promote(epoch, timeline, Duration.ofHours(1));
                    LOG.infof("promoted in %d ms", took.toMillis());
                    look();
                    archiveSkipped();
                    return null;
                });
    }

    /** Nobody waits for it. */
    private void archiveSkipped() {
        Thread.ofVirtual()
                .name("archive skipped timelines")
                .start(() -> instance.archiveSkippedTimelines(Duration.ofMinutes(1)));
    }

    @Override
    public CompletableFuture<@Nullable Void> follow(@Nullable Upstream upstream) {
        return run(
                "follow " + (upstream == null ? "the archive" : upstream.name()),
                () -> {
                    instance.follow(of(upstream));
                    look();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> stop(Duration budget) {
        return run(
                "stop",
                () -> {
                    StopResult result = stopping(() -> instance.stop(StopMode.FAST, budget));
                    if (!result.isStopped()) {
                        throw new PostgresProblem(
                                "the instance cannot be stopped; tried " + result.steps());
                    }
                    return null;
                });
    }

    @Override
    public CompletableFuture<Lsn> stopForHandoff(Duration budget) {
        return run(
                "stop for the handover",
                () -> {
                    AtomicReference<ShutdownPoint> point = new AtomicReference<>();
                    StopResult result =
                            stopping(() -> instance.stop(StopMode.FAST, budget, point::set));
                    ShutdownPoint end = point.get();
                    if (!result.isStopped() || !result.isClean() || end == null) {
                        throw new PostgresProblem("no clean shutdown; tried " + result.steps());
                    }
                    LOG.infof(
                            "stopped cleanly in %d ms lsn=%s", result.took().toMillis(), end.end());
                    return end.end();
                });
    }

    private StopResult stopping(Work<StopResult> stop) throws Exception {
        exitExpected = true;
        instance.announceStop();
        view = instance.observe();
        try {
            return stop.run();
        } finally {
            view = instance.observe();
            exitExpected = view.process() == ProcessState.STOPPED;
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> checkpoint() {
        return run(
                "checkpoint",
                () -> {
                    instance.checkpoint(Duration.ofMinutes(5));
                    return null;
                });
    }

    @Override
    public CompletableFuture<Divergence> divergence(Upstream upstream) {
        return run(
                "compare histories",
                () ->
                        switch (instance.divergence(required(upstream), SHORT)) {
                            case io.pgnode.postgres.core.Divergence.None _ -> Divergence.NONE;
                            case io.pgnode.postgres.core.Divergence.Needed needed -> {
                                LOG.warnf(
                                        "the data directory diverged from the history of %s lsn=%s: %s",
                                        upstream.name(), needed.at(), needed.why());
                                yield Divergence.DIVERGED;
                            }
                            case io.pgnode.postgres.core.Divergence.Unknown unknown -> {
                                LOG.infof(
                                        "cannot compare histories with %s: %s",
                                        upstream.name(), unknown.why());
                                yield Divergence.UNKNOWN;
                            }
                        });
    }

    @Override
    public CompletableFuture<@Nullable Void> rewind(Upstream upstream) {
        return run(
                "rewind",
                () -> {
                    RewindResult result =
                            instance.rewind(
                                    required(upstream),
                                    progress -> LOG.debugf("rewinding: %s", progress));
                    view = instance.observe();
                    String problem =
                            switch (result) {
                                case RewindResult.Done _, RewindResult.NotNeeded _ -> "";
                                case RewindResult.CannotConnect r -> r.why();
                                case RewindResult.MissingWal r -> r.why();
                                case RewindResult.Impossible r -> r.why();
                                case RewindResult.Failed r -> r.why();
                            };
                    if (!problem.isEmpty()) {
                        throw new PostgresProblem(problem);
                    }
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> cloneFrom(Upstream upstream) {
        return run(
                "copy from " + upstream.name(),
                () -> {
                    if (instance.observe().data() != DataState.EMPTY && !instance.mayReuseData()) {
                        Path aside = instance.moveAside("unfinished");
                        LOG.warnf("what was in the data directory is now in %s", aside);
                    }
                    instance.cloneFrom(
                            of(upstream), progress -> LOG.debugf("copying: %s", progress));
                    view = instance.observe();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> restoreCluster(
            Map<String, String> target, String synchronousStandbyNames) {
        return run(
                "restore the cluster",
                () -> {
                    exitExpected = false;
                    LOG.infof("restoring the cluster target=%s", new TreeMap<>(target));
                    return started(
                            "primary",
                            () -> instance.restoreCluster(target, synchronousStandbyNames));
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> acceptData() {
        return run(
                "accept the data",
                () -> {
                    instance.acceptData();
                    view = instance.observe();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> giveUpData(String why) {
        return run(
                "give up the data",
                () -> {
                    instance.giveUpData(why);
                    view = instance.observe();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> replaceData(String why) {
        return instance.usesRepository()
                ? giveUpData("the copy that is to replace what has " + why)
                : moveAside(why);
    }

    @Override
    public CompletableFuture<@Nullable Void> moveAside(String suffix) {
        return run(
                "rename the data directory",
                () -> {
                    Path aside = instance.moveAside(suffix);
                    LOG.warnf("the data directory is now %s", aside);
                    view = instance.observe();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> configure(DynamicConfig config) {
        return run(
                "apply the configuration",
                () -> {
                    if (config.modRevision() != 0) {
                        instance.keepConfig(config.json());
                    }
                    instance.applyParameters(config.parameters(), config.pgHba(), config.pgIdent());
                    return null;
                });
    }

    @Override
    public CompletableFuture<String> keptConfig() {
        return run("read the configuration that was kept", instance::keptConfig);
    }

    @Override
    public Map<String, String> refusedParameters() {
        return instance.refusedParameters();
    }

    @Override
    public CompletableFuture<@Nullable Void> reload() {
        return run(
                "reload",
                () -> {
                    instance.reload();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> changeSlots(Set<String> create, Set<String> drop) {
        return run(
                "change replication slots",
                () -> {
                    for (String slot : create) {
                        instance.createSlot(slot);
                        LOG.infof("created slot=%s", slot);
                    }
                    for (String slot : drop) {
                        if (instance.dropSlot(slot)) {
                            LOG.infof("dropped slot=%s", slot);
                        }
                    }
                    look();
                    return null;
                });
    }

    @Override
    public CompletableFuture<Lsn> setSynchronousStandbyNames(String value) {
        return run(
                "set synchronous_standby_names",
                () -> {
                    Lsn position = instance.setSynchronousStandbyNames(value, SHORT);
                    look();
                    return position;
                });
    }

    @Override
    public CompletableFuture<List<TimelineHistory.Entry>> timelineHistory() {
        return run("read the timeline history", () -> history(view.timeline()));
    }

    private List<TimelineHistory.Entry> history(int timeline) throws IOException {
        Path file =
                instance.settings().dataDir().resolve("pg_wal").resolve(HistoryFile.name(timeline));
        List<TimelineHistory.Entry> entries = new ArrayList<>();
        try {
            for (HistoryFile.Line line : HistoryFile.parse(Files.readString(file)).lines()) {
                entries.add(
                        new TimelineHistory.Entry(
                                line.timeline(), line.switchLsn(), line.reason(), "", ""));
            }
        } catch (NoSuchFileException _) {
            LOG.debugf("no history file timeline=%d", timeline);
        }
        return entries;
    }

    private static io.pgnode.postgres.@Nullable Upstream of(@Nullable Upstream upstream) {
        return upstream == null ? null : required(upstream);
    }

    private static io.pgnode.postgres.Upstream required(Upstream upstream) {
        return new io.pgnode.postgres.Upstream(
                upstream.name().value(), upstream.address(), upstream.slot());
    }

    private static <T extends @Nullable Object> CompletableFuture<T> run(
            String what, Work<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread.ofVirtual()
                .name(what)
                .start(
                        () -> {
                            try {
                                future.complete(work.run());
                            } catch (PostgresProblem e) {
                                future.completeExceptionally(e);
                            } catch (PostgresException e) {
                                String hint = e.hint().isEmpty() ? "" : "; HINT: " + e.hint();
                                future.completeExceptionally(
                                        new PostgresProblem(e.getMessage() + hint, e));
                            } catch (Exception e) {
                                future.completeExceptionally(
                                        new PostgresProblem(
                                                "cannot " + what + ": " + e.getMessage(), e));
                            }
                        });
        return future;
    }
}
