package io.pgnode.sim;

import io.pgnode.agent.Postgres;
import io.pgnode.agent.PostgresProblem;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One agent process's hands on a {@link SimInstance}. What a server was told to do goes on when the
 * agent dies; what a child process of the agent did (copying, rewinding) does not.
 */
final class FakePostgres implements Postgres {
    private static final long MILLI = 1_000_000L;
    private static final int PORT = 5432;

    /** Looks up the world around the instance. */
    interface Surroundings {
        SimInstance instance(MemberName name);

        boolean connects(MemberName from, MemberName to);

        /** A number that no timeline has had yet. */
        int freeTimeline();

        /** A slot is about to be dropped. */
        void dropping(MemberName on, String slot);
    }

    /** What SQL told last. */
    private record Probe(
            long incarnation,
            boolean inRecovery,
            int timeline,
            int flushed,
            boolean streaming,
            List<InstanceView.Standby> replication,
            Set<String> slots,
            String names) {}

    private final World world;
    private final SimInstance instance;
    private final SimLoop loop;
    private final SimProcess process;
    private final Surroundings around;
    private final String host;
    private @Nullable Probe probe;
    private Runnable onExit = () -> {};
    private String action = "";
    private long fences;

    FakePostgres(
            World world,
            SimInstance instance,
            SimLoop loop,
            SimProcess process,
            Surroundings around) {
        this.world = world;
        this.instance = instance;
        this.loop = loop;
        this.process = process;
        this.around = around;
        this.host = instance.host();
    }

    static HostPort address(MemberName name) {
        return new HostPort(name.value(), PORT);
    }

    // ---------------------------------------------------------------- looking

    @Override
    public InstanceView view() {
        Probe last = probe;
        boolean running = instance.process() == ProcessState.RUNNING;
        boolean answers = running && last != null && last.incarnation() == instance.incarnation();
        boolean inRecovery = answers && last != null ? last.inRecovery() : instance.standbySignal();
        int timeline = answers && last != null ? last.timeline() : instance.wal().timeline();
        Lsn flushed = Wal.lsn(answers && last != null ? last.flushed() : instance.wal().flushed());
        MemberName upstream = instance.upstream();
        return new InstanceView(
                instance.data(),
                instance.process(),
                instance.control(),
                instance.systemId(),
                instance.data() == DataState.VALID ? 150018 : 0,
                instance.process() == ProcessState.STOPPED ? 0 : instance.incarnation(),
                answers,
                inRecovery,
                instance.data() == DataState.EMPTY ? 0 : timeline,
                flushed,
                inRecovery ? flushed : Lsn.NONE,
                inRecovery ? flushed : Lsn.NONE,
                0,
                Wal.lsn(instance.checkpointIndex()),
                instance.checkpointTimeline(),
                instance.promotedTimeline(),
                false,
                upstream == null ? null : address(upstream),
                answers && last != null && last.streaming(),
                answers && last != null ? last.replication() : List.of(),
                answers && last != null ? last.slots() : Set.of(),
                answers && last != null ? last.names() : instance.names(),
                Map.of(),
                instance.isDiskFull() ? 0 : 1L << 30,
                "/data/pg_wal");
    }

    @Override
    public CompletableFuture<InstanceView> refresh() {
        CompletableFuture<InstanceView> done = new CompletableFuture<>();
        later(
                draw("probe", MILLI / 10, 3 * MILLI),
                () -> {
                    if (instance.process() == ProcessState.RUNNING) {
                        probe =
                                new Probe(
                                        instance.incarnation(),
                                        instance.inRecovery(),
                                        instance.wal().timeline(),
                                        instance.wal().flushed(),
                                        instance.isStreaming(),
                                        instance.replication(),
                                        Set.copyOf(instance.slots()),
                                        instance.effectiveNamesText());
                    }
                    later(draw("probe", 0, 2 * MILLI), () -> done.complete(view()));
                });
        return done;
    }

    @Override
    public void onExit(Runnable listener) {
        onExit = listener;
    }

    /** The postmaster of our instance died. */
    void died() {
        loop.execute(onExit);
    }

    // ---------------------------------------------------------------- killing

    @Override
    public CompletableFuture<@Nullable Void> fence(String why) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        fences++;
        world.trace("fence: " + why);
        world.after(
                draw("fence", MILLI / 10, 20 * MILLI),
                host,
                () -> {
                    instance.crash(false);
                    later(draw("fence", MILLI / 10, 10 * MILLI), () -> done.complete(null));
                });
        return done;
    }

    // ---------------------------------------------------------------- starting and stopping

    @Override
    public CompletableFuture<String> initdb() {
        return action(
                "initdb",
                draw("initdb", 300 * MILLI, 2000 * MILLI),
                () -> {
                    instance.unfinished();
                    return null;
                },
                () -> {
                    failWhenFull();
                    instance.created(Long.toString(7_000_000_000L + world.nextId()));
                    return instance.systemId();
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> completeBootstrap() {
        return action("completing the bootstrap", draw("sql", MILLI, 100 * MILLI), () -> null);
    }

    @Override
    public CompletableFuture<@Nullable Void> startNew() {
        return startPrimary();
    }

    @Override
    public CompletableFuture<@Nullable Void> startPrimary() {
        return start("startPrimary", instance::configureAsPrimary);
    }

    @Override
    public CompletableFuture<@Nullable Void> startStandby(@Nullable Upstream upstream) {
        return start(
                "startStandby " + (upstream == null ? "of nobody" : upstream.name()),
                () -> instance.configureAsStandby(nameOf(upstream), slotOf(upstream)));
    }

    private CompletableFuture<@Nullable Void> start(String what, Runnable configure) {
        CompletableFuture<@Nullable Void> done = begin(what);
        if (instance.process() != ProcessState.STOPPED || instance.data() != DataState.VALID) {
            fail(done, what + ": the server runs, or there is nothing to start");
            return done;
        }
        configure.run();
        long fencesBefore = fences;
        later(
                draw("start", MILLI, 30 * MILLI),
                () -> {
                    if (fences != fencesBefore || instance.process() != ProcessState.STOPPED) {
                        fail(done, what + ": fenced before it started");
                        return;
                    }
                    instance.launched();
                    long incarnation = instance.incarnation();
                    boolean slow = chance("start", 0.05);
                    long recovery = draw("start", 20 * MILLI, slow ? 12_000 * MILLI : 800 * MILLI);
                    world.after(
                            recovery,
                            host,
                            instance.whileAlive(
                                    () -> {
                                        if (instance.isDiskFull() && !instance.inRecovery()) {
                                            world.trace("no space left on device");
                                            instance.crash(true);
                                        } else {
                                            instance.opened();
                                        }
                                    }));
                    awaitOpen(what, incarnation, done);
                });
        return done;
    }

    private void awaitOpen(String what, long incarnation, CompletableFuture<@Nullable Void> done) {
        later(
                draw("start", MILLI, 60 * MILLI),
                () -> {
                    if (instance.incarnation() != incarnation) {
                        fail(done, what + ": the server died");
                    } else if (instance.process() == ProcessState.RUNNING) {
                        succeed(done, null);
                    } else {
                        awaitOpen(what, incarnation, done);
                    }
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> promote(long epoch, int timeline) {
        CompletableFuture<@Nullable Void> done = begin("promote");
        if (!instance.isStandby()) {
            fail(done, "promote: not a running standby");
            return done;
        }
        long incarnation = instance.incarnation();
        boolean slow = chance("promote", 0.05);
        long time = draw("promote", 5 * MILLI, slow ? 8000 * MILLI : 200 * MILLI);
        boolean gaveUp = chance("promote", 0.05);
        instance.promoteBegins();
        world.after(time, host, instance.whileAlive(() -> instance.promoted(timeline)));
        // Some promotions are given up by the one who asked, and go on nevertheless.
        world.after(
                gaveUp ? time / 2 : time + 1,
                host,
                () ->
                        loop.execute(
                                () -> {
                                    if (gaveUp || instance.incarnation() != incarnation) {
                                        fail(done, "promote: no answer in time");
                                    } else {
                                        succeed(done, null);
                                    }
                                }));
        return done;
    }

    @Override
    public CompletableFuture<@Nullable Void> follow(@Nullable Upstream upstream) {
        return action(
                "follow " + (upstream == null ? "the archive" : upstream.name()),
                draw("sql", MILLI, 50 * MILLI),
                () -> {
                    if (!instance.isStandby()) {
                        throw new PostgresProblem("follow: not a running standby");
                    }
                    instance.configureAsStandby(nameOf(upstream), slotOf(upstream));
                    instance.closeReceiver();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> stop(Duration budget) {
        CompletableFuture<@Nullable Void> done = begin("stop");
        stopThen(budget, clean -> succeed(done, null));
        return done;
    }

    @Override
    public CompletableFuture<Lsn> stopForHandoff(Duration budget) {
        CompletableFuture<Lsn> done = begin("stopForHandoff");
        if (!instance.acceptsWrites()) {
            fail(done, "stopForHandoff: not a running primary");
            return done;
        }
        stopThen(
                budget,
                clean -> {
                    if (clean) {
                        succeed(done, Wal.lsn(instance.wal().flushed()));
                    } else {
                        fail(done, "stopForHandoff: had to be killed");
                    }
                });
        return done;
    }

    private void stopThen(Duration budget, java.util.function.Consumer<Boolean> then) {
        if (instance.process() == ProcessState.STOPPED) {
            loop.execute(() -> then.accept(false));
            return;
        }
        instance.stopBegins();
        long deadline = world.nowNanos() + budget.toNanos();
        awaitStop(deadline, instance.incarnation(), then);
    }

    private void awaitStop(
            long deadline, long incarnation, java.util.function.Consumer<Boolean> then) {
        world.after(
                draw("stop", 5 * MILLI, 60 * MILLI),
                host,
                () -> {
                    if (instance.incarnation() != incarnation) {
                        loop.execute(() -> then.accept(false));
                    } else if (instance.standbysHaveEverything()) {
                        instance.stopped();
                        loop.execute(() -> then.accept(true));
                    } else if (world.nowNanos() > deadline) {
                        instance.crash(false);
                        loop.execute(() -> then.accept(false));
                    } else {
                        awaitStop(deadline, incarnation, then);
                    }
                });
    }

    // ---------------------------------------------------------------- rejoining

    @Override
    public CompletableFuture<Divergence> divergence(Upstream upstream) {
        CompletableFuture<Divergence> done = begin("divergence");
        long asked = draw("sql", MILLI, 100 * MILLI);
        later(
                asked,
                () -> {
                    SimInstance leader = around.instance(upstream.name());
                    if (!connected(upstream) || !leader.isLocalRunning()) {
                        later(1000 * MILLI, () -> succeed(done, Divergence.UNKNOWN));
                        return;
                    }
                    Wal mine = instance.wal();
                    // Records cannot be compared from afar, only where timelines begin and end.
                    boolean fits = mine.historyFits(leader.wal());
                    succeed(done, fits ? Divergence.NONE : Divergence.DIVERGED);
                });
        return done;
    }

    @Override
    public CompletableFuture<@Nullable Void> rewind(Upstream upstream) {
        return copy("rewind", upstream, draw("rewind", 200 * MILLI, 3000 * MILLI), false);
    }

    @Override
    public CompletableFuture<@Nullable Void> cloneFrom(Upstream upstream) {
        return copy("clone", upstream, draw("clone", 500 * MILLI, 8000 * MILLI), true);
    }

    private CompletableFuture<@Nullable Void> copy(
            String what, Upstream upstream, long time, boolean anew) {
        SimInstance source = around.instance(upstream.name());
        long incarnation = source.incarnation();
        return action(
                what + " from " + upstream.name(),
                time,
                () -> {
                    if (instance.process() != ProcessState.STOPPED) {
                        throw new PostgresProblem(what + ": the server runs");
                    }
                    boolean usable = anew ? source.isLocalRunning() : source.acceptsWrites();
                    if (!usable || !connected(upstream) || source.data() != DataState.VALID) {
                        throw new PostgresProblem(what + ": cannot connect to " + upstream.name());
                    }
                    if (anew) {
                        instance.erase();
                    }
                    instance.unfinished();
                    return null;
                },
                () -> {
                    failWhenFull();
                    if (source.incarnation() != incarnation || !connected(upstream)) {
                        throw new PostgresProblem(what + ": lost " + upstream.name());
                    }
                    if (!anew && source.checkpointTimeline() == instance.wal().timeline()) {
                        world.trace("pg_rewind: no rewind required");
                        instance.rewindDidNothing();
                        return null;
                    }
                    instance.becomeCopyOf(source);
                    instance.configureAsStandby(upstream.name(), upstream.slot());
                    return null;
                });
    }

    /** The child that restores dies with its agent; the server that then recovers does not. */
    @Override
    public CompletableFuture<@Nullable Void> restoreCluster(
            Map<String, String> target, String synchronousStandbyNames) {
        CompletableFuture<@Nullable Void> done = begin("restoreCluster " + target);
        if (instance.process() != ProcessState.STOPPED || !instance.isArchived()) {
            later(MILLI, () -> fail(done, "restoreCluster: it runs, or there is no backup"));
            return done;
        }
        instance.restoreBegins();
        long fencesBefore = fences;
        later(
                draw("restore", 500 * MILLI, 8000 * MILLI),
                () -> {
                    if (fences != fencesBefore || chance("restore", 0.1)) {
                        fail(done, "restoreCluster: fenced, or the repository does not answer");
                        return;
                    }
                    instance.restored(Integer.parseInt(target.getOrDefault("target", "1")));
                    instance.names(synchronousStandbyNames);
                    instance.launched();
                    long incarnation = instance.incarnation();
                    world.after(
                            draw("recover", 100 * MILLI, 5000 * MILLI),
                            host,
                            instance.whileAlive(() -> instance.recovered(around.freeTimeline())));
                    CompletableFuture<@Nullable Void> open = new CompletableFuture<>();
                    awaitOpen("restoreCluster", incarnation, open);
                    open.whenComplete(
                            (opened, failure) -> {
                                if (failure != null) {
                                    done.completeExceptionally(failure);
                                    return;
                                }
                                // It accepts writes, and nobody has said so yet.
                                later(
                                        draw("finish", MILLI, 3000 * MILLI),
                                        () -> {
                                            instance.accept();
                                            succeed(done, null);
                                        });
                            });
                });
        return done;
    }

    @Override
    public CompletableFuture<@Nullable Void> acceptData() {
        return action(
                "acceptData",
                draw("sql", MILLI, 20 * MILLI),
                () -> {
                    instance.accept();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> giveUpData(String why) {
        return action(
                "giveUpData",
                draw("sql", MILLI, 20 * MILLI),
                () -> {
                    if (instance.process() != ProcessState.STOPPED) {
                        throw new PostgresProblem("giveUpData: the server runs");
                    }
                    instance.unfinished();
                    return null;
                });
    }

    private void failWhenFull() {
        if (instance.isDiskFull()) {
            throw new PostgresProblem("no space left on device");
        }
    }

    private boolean connected(Upstream upstream) {
        return around.connects(instance.name(), upstream.name());
    }

    @Override
    public CompletableFuture<@Nullable Void> moveAside(String suffix) {
        return action(
                "moveAside",
                draw("sql", MILLI, 20 * MILLI),
                () -> {
                    if (instance.process() != ProcessState.STOPPED) {
                        throw new PostgresProblem("moveAside: the server runs");
                    }
                    instance.erase();
                    return null;
                });
    }

    // ---------------------------------------------------------------- settings

    @Override
    public CompletableFuture<@Nullable Void> checkpoint() {
        return sql(
                "checkpoint",
                draw("checkpoint", 5 * MILLI, 500 * MILLI),
                () -> {
                    instance.checkpoint();
                    return null;
                });
    }

    @Override
    public CompletableFuture<@Nullable Void> configure(DynamicConfig config) {
        return sql("configure", draw("sql", MILLI, 100 * MILLI), () -> null);
    }

    @Override
    public CompletableFuture<@Nullable Void> reload() {
        return sql("reload", draw("sql", MILLI, 50 * MILLI), () -> null);
    }

    @Override
    public CompletableFuture<@Nullable Void> changeSlots(Set<String> create, Set<String> drop) {
        return sql(
                "changeSlots",
                draw("sql", MILLI, 20 * MILLI),
                () -> {
                    if (!instance.isLocalRunning()) {
                        throw new PostgresProblem("changeSlots: the server does not run");
                    }
                    instance.slots().addAll(create);
                    for (String slot : drop) {
                        around.dropping(instance.name(), slot);
                        instance.slots().remove(slot);
                    }
                    return null;
                });
    }

    @Override
    public CompletableFuture<Lsn> setSynchronousStandbyNames(String value) {
        world.trace("synchronous_standby_names = '" + value + "'");
        CompletableFuture<Lsn> done = new CompletableFuture<>();
        later(
                draw("sql", MILLI, 10 * MILLI),
                () -> {
                    instance.names(value);
                    if (!instance.isLocalRunning()) {
                        fail(done, "setSynchronousStandbyNames: the server does not run");
                        return;
                    }
                    long incarnation = instance.incarnation();
                    world.after(
                            draw("reload", MILLI, 200 * MILLI),
                            host,
                            instance.whileAlive(instance::reloadNames));
                    awaitNames(value, incarnation, done);
                });
        return done;
    }

    private void awaitNames(String value, long incarnation, CompletableFuture<Lsn> done) {
        later(
                draw("sql", 5 * MILLI, 30 * MILLI),
                () -> {
                    if (instance.incarnation() != incarnation) {
                        fail(done, "setSynchronousStandbyNames: the server died");
                    } else if (instance.effectiveNames().equals(SyncNames.parse(value))) {
                        done.complete(Wal.lsn(instance.wal().flushed()));
                    } else {
                        awaitNames(value, incarnation, done);
                    }
                });
    }

    @Override
    public CompletableFuture<List<TimelineHistory.Entry>> timelineHistory() {
        return sql("timelineHistory", draw("sql", MILLI, 10 * MILLI), instance.wal()::history);
    }

    // ---------------------------------------------------------------- how actions run

    private <T extends @Nullable Object> CompletableFuture<T> begin(String what) {
        if (!action.isEmpty()) {
            world.violated(host + ": " + what + " was begun while " + action + " goes on");
        }
        action = what;
        world.trace("begins " + what);
        return new CompletableFuture<>();
    }

    private <T extends @Nullable Object> void succeed(CompletableFuture<T> done, T value) {
        action = "";
        done.complete(value);
    }

    private void fail(CompletableFuture<?> done, String why) {
        action = "";
        world.trace("failed " + why);
        done.completeExceptionally(new PostgresProblem(why));
    }

    private CompletableFuture<@Nullable Void> action(
            String what, long nanos, Supplier<@Nullable Void> effect) {
        return action(what, nanos, () -> null, effect);
    }

    private <T extends @Nullable Object> CompletableFuture<T> action(
            String what, long nanos, Supplier<@Nullable Void> first, Supplier<T> effect) {
        CompletableFuture<T> done = begin(what);
        try {
            var _ = first.get();
        } catch (PostgresProblem e) {
            later(MILLI, () -> fail(done, String.valueOf(e.getMessage())));
            return done;
        }
        long fencesBefore = fences;
        later(
                nanos,
                () -> {
                    try {
                        if (fences != fencesBefore) {
                            throw new PostgresProblem(what + ": fenced");
                        }
                        succeed(done, effect.get());
                    } catch (PostgresProblem e) {
                        fail(done, String.valueOf(e.getMessage()));
                    }
                });
        return done;
    }

    /** Statements may run beside each other and beside an action. */
    private <T extends @Nullable Object> CompletableFuture<T> sql(
            String what, long nanos, Supplier<T> effect) {
        CompletableFuture<T> done = new CompletableFuture<>();
        later(
                nanos,
                () -> {
                    try {
                        if (!instance.isLocalRunning() && !what.equals("configure")) {
                            throw new PostgresProblem(what + ": the server does not run");
                        }
                        done.complete(effect.get());
                    } catch (PostgresProblem e) {
                        world.trace("failed " + e.getMessage());
                        done.completeExceptionally(e);
                    }
                });
        return done;
    }

    /** On our process's own thread: not while it is stalled, never once it is dead. */
    private void later(long nanos, Runnable task) {
        world.after(
                nanos,
                host,
                () -> {
                    if (!process.isDead()) {
                        loop.execute(task);
                    }
                });
    }

    private long draw(String what, long min, long max) {
        return world.between(host + " " + what, min, max);
    }

    private boolean chance(String what, double probability) {
        return world.chance(host + " " + what).nextDouble() < probability;
    }

    private static @Nullable MemberName nameOf(@Nullable Upstream upstream) {
        return upstream == null ? null : upstream.name();
    }

    private static String slotOf(@Nullable Upstream upstream) {
        return upstream == null ? "" : upstream.slot();
    }
}
