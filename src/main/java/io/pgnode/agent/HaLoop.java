package io.pgnode.agent;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InitializeKey;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.ha.HaDecision;
import io.pgnode.ha.HaMemory;
import io.pgnode.ha.HaPolicy;
import io.pgnode.ha.LeaseState;
import io.pgnode.ha.LocalState;
import io.pgnode.ha.PeerPoll;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The cycle of a member: look, ask {@link HaPolicy}, do. Confined to one {@link Loop}; nothing in
 * it blocks.
 *
 * <p>A cycle runs every loop_wait, and at once when something happened: the DCS changed, the
 * postmaster died, an action ended, an operator asked. At most one action is under way; meanwhile
 * cycles go on, and the {@link LeaseKeeper} keeps the lease and its deadline on a loop of its own.
 */
public final class HaLoop {
    private static final Logger LOG = Logger.getLogger(HaLoop.class);

    /** Crashes within this time of each other count as a row. */
    private static final long CRASH_WINDOW_NANOS = Duration.ofMinutes(2).toNanos();

    /**
     * While there is no leader, or something is about to happen, the next cycle comes this soon.
     */
    private static final Duration SOON = Duration.ofMillis(100);

    /**
     * A stream that lasts so long is one; a standby whose history differs connects and loses the
     * connection again and again.
     */
    private static final Duration STREAM_SETTLED = Duration.ofSeconds(3);

    /** How long the DCS may take to tell a new agent whether the primary it found may go on. */
    private static final Duration ADOPTION = Duration.ofSeconds(3);

    private final Loop loop;
    private final Supplier<AgentSettings> settings;
    private final Postgres postgres;
    private final ViewKeeper views;
    private final MemberKey memberKey;
    private final LeaseKeeper lease;
    private final LeaderDuties duties;
    private final SuspensionDuty suspension;
    private final Actions actions;
    private final Callbacks callbacks;
    private final Consumer<AgentSnapshot> publish;
    private final ClusterNews news;
    private final HoldSteps holds;
    private PromiseStore promises = PromiseStore.NONE;

    private @Nullable String task;
    private Loop.@Nullable Timer timer;
    private boolean fencing;
    private boolean cycling;
    private boolean again;
    private boolean stopped;
    private String lastWhy = "";
    private String lastKind = "None";
    private long cycleNanos;
    private long configuredRevision = -1;
    private String role = "";
    private volatile BooleanSupplier watchdogFailed = () -> false;
    private volatile BiConsumer<Duration, String> cycleListener = (_, _) -> {};
    private String scheduledRestart = "";
    private @Nullable Supplier<CompletableFuture<@Nullable Void>> operatorAction;
    private @Nullable String operatorTask;

    // What the policy remembers; see HaMemory.
    private long leaderAbsentSinceNanos;
    private boolean wasUnreadable;
    private @Nullable PeerPoll peers;
    private long raceAfterNanos;
    private long workAfterNanos;
    private long fencedEpoch;
    private int crashes;
    private long lastCrashNanos;
    private long startedNanos;
    private long notStreamingSinceNanos;
    private long streamingSinceNanos;
    private long promiseUntilNanos;
    private boolean failsafeActive;
    private boolean firstView = true;
    private boolean paused;
    private String stuck = "";
    private int fruitlessRewinds;
    private String rebuiltFor = "";
    private long adoptUntilNanos;
    private boolean stopping;
    private boolean shortOfSpace;

    private final CompletableFuture<String> end = new CompletableFuture<>();

    /**
     * @param leaseLoop a loop that does nothing else
     * @param settings asked at each use, on this loop: a reload replaces them
     * @param publish receives every new snapshot, on this loop
     */
    public HaLoop(
            Loop loop,
            Loop leaseLoop,
            Supplier<AgentSettings> settings,
            ClusterStore store,
            Postgres postgres,
            Guard guard,
            Peers peerClient,
            Callbacks callbacks,
            Consumer<AgentSnapshot> publish) {
        this.loop = loop;
        this.settings = settings;
        this.postgres = postgres;
        this.callbacks = callbacks;
        this.publish = publish;
        this.news = new ClusterNews(settings.get().self());
        this.holds = new HoldSteps(loop, settings);
        this.views = new ViewKeeper(loop, store, this::onNewView, this::tellNews);
        LeaseKeeper.Listener listener =
                new LeaseKeeper.Listener() {
                    @Override
                    public void onLost(long epoch, String why) {
                        loop.execute(() -> leaseLost(epoch));
                    }

                    @Override
                    public void onContact(long nanos) {
                        loop.execute(() -> views.contact(nanos));
                    }

                    @Override
                    public void onChange(LeaseState state) {
                        news.lease(state, leaseLoop.nanos());
                    }
                };
        this.lease = new LeaseKeeper(leaseLoop, store, postgres, guard, listener);
        this.memberKey = new MemberKey(loop, store, settings.get().self(), listener);
        this.duties = new LeaderDuties(loop, store, postgres, settings.get());
        this.suspension = new SuspensionDuty(loop, store, lease, settings.get().self());
        this.actions =
                new Actions(
                        loop,
                        store,
                        postgres,
                        lease,
                        views,
                        peerClient,
                        callbacks,
                        memberKey,
                        settings,
                        holds,
                        this);
    }

    /**
     * Asks {@code failed} before every decision whether a required watchdog is unusable. Before
     * {@link #start}.
     */
    public void watchdogFailedWhen(BooleanSupplier failed) {
        watchdogFailed = failed;
    }

    /**
     * Hears of each completed cycle: how long it took, and the kind of its decision. Before {@link
     * #start}.
     */
    public void onCycle(BiConsumer<Duration, String> listener) {
        cycleListener = listener;
    }

    /**
     * Gives the gateway of this node what it needs to know, at once whenever it changes and at
     * least once per cycle. Called on two threads, one at a time; must return at once. Before
     * {@link #start}.
     */
    public void onNews(Consumer<ClusterSnapshot> receiver) {
        news.giveTo(receiver);
    }

    /** The gateways that hold clients back around a planned stop. Before {@link #start}. */
    public void holdClientsWith(ClientHolds gateways) {
        holds.use(gateways);
    }

    /** Where promises outlive this process. Before {@link #start}. */
    public void keepPromisesIn(PromiseStore store) {
        promises = store;
    }

    HoldSteps holds() {
        return holds;
    }

    /** Starts cycling. */
    public void start() {
        postgres.onExit(() -> loop.execute(this::postmasterDied));
        long promised = promises.untilNanos();
        loop.execute(
                () -> {
                    promiseUntilNanos = promised;
                    adoptUntilNanos = loop.nanos() + ADOPTION.toNanos();
                    holds.releaseLeftovers();
                    views.start();
                    cycle();
                });
    }

    /**
     * Completes with the reason when this member must exit: asked to stop, or refused by the
     * cluster.
     */
    public CompletableFuture<String> whenEnded() {
        return end;
    }

    /**
     * Hands over the leadership if we have it, stops the instance (unless the cluster is paused)
     * and ends. Any thread.
     */
    public void stop() {
        loop.execute(
                () -> {
                    stopping = true;
                    wake();
                });
    }

    /** The guard killed our PostgreSQL. Any thread. */
    public void guardFenced(long epoch) {
        lease.lost(epoch, "the guard fenced the instance");
    }

    /** The lease keeper's state, safe on any thread. */
    public LeaseState leaseState() {
        return lease.state();
    }

    // ---------------------------------------------------------------- the cycle

    private void onNewView() {
        ClusterView view = views.last();
        duties.noteMembers(view, views.isAfterGap());
        if (view.leader() == null) {
            if (leaderAbsentSinceNanos == 0) {
                leaderAbsentSinceNanos = loop.nanos();
                peers = null;
            }
        } else {
            leaderAbsentSinceNanos = 0;
        }
        if (paused != view.isPaused()) {
            paused = view.isPaused();
            LOG.infof(paused ? "the cluster is paused" : "the cluster is not paused any more");
        }
        suspension.lead(view, lease.state());
        if (firstView) {
            firstView = false;
            if (view.settings().failsafeMode() || !view.failsafe().isEmpty()) {
                // The agent before us may have promised a leader without a DCS to let it go on, and
                // a reboot forgets that. That leader does not know when the mode was switched off
                // meanwhile, and has left its key.
                keepStill(view.settings().ttl().plusSeconds(1));
            }
        }
        if (failsafeActive && view.isLeader(settings.get().self())) {
            failsafeActive = false;
            LOG.info("the DCS is back, failsafe mode ends");
        }
        wake();
    }

    /** Tells the gateway of this node how things are now. On the loop. */
    void tellNews() {
        ClusterView view = views.last();
        long trustedUntil = views.provenNanos() + view.settings().ttl().toNanos();
        if (promiseUntilNanos != 0 && promiseUntilNanos - trustedUntil > 0) {
            // In failsafe mode the leader goes on because we, too, promised that it may.
            trustedUntil = promiseUntilNanos;
        }
        LeaseState ours = lease.state();
        boolean isOver = fencedEpoch >= view.epoch();
        news.view(view, member(), trustedUntil, ours, isOver, loop.nanos());
    }

    /** Runs a cycle as soon as possible. On the loop. */
    void wake() {
        if (cycling) {
            again = true;
        } else {
            cycle();
        }
    }

    private void cycle() {
        if (stopped) {
            return;
        }
        cycling = true;
        again = false;
        if (timer != null) {
            timer.cancel();
        }
        long begun = loop.nanos();
        if (begun - views.readNanos() >= loopWait().toNanos() / 2) {
            // The watch pushes views; the read only confirms them, so a slow DCS delays nothing
            // here.
            var _ = views.read();
        }
        loop.hop(postgres.refresh()).whenComplete((view, failure) -> afterRefresh(begun));
    }

    private void afterRefresh(long begun) {
        if (stopped) {
            return;
        }
        try {
            decideAndDo();
        } catch (RuntimeException e) {
            // A bug: say so loudly, keep the lease rules (the keeper works on), try again in the
            // next cycle.
            LOG.error("this cycle failed", e);
        }
        cycleNanos = loop.nanos();
        cycling = false;
        cycleListener.accept(Duration.ofNanos(cycleNanos - begun), lastKind);
        LOG.debugf("cycle took %d us: %s", (cycleNanos - begun) / 1000, lastWhy);
        if (again) {
            loop.execute(
                    () -> {
                        if (!cycling) {
                            cycle();
                        }
                    });
            return;
        }
        timer = loop.schedule(nextCycle().toNanos(), this::wake);
    }

    private Duration nextCycle() {
        boolean unsettled =
                leaderAbsentSinceNanos != 0
                        || stopping
                        || task != null && task.equals(Actions.PROMOTING)
                        || duties.isUnsettled();
        Duration pause = unsettled && SOON.compareTo(loopWait()) < 0 ? SOON : loopWait();
        long now = loop.nanos();
        for (long moment : new long[] {raceAfterNanos, workAfterNanos}) {
            if (moment - now > 0 && moment - now < pause.toNanos()) {
                pause = Duration.ofNanos(moment - now);
            }
        }
        return pause;
    }

    private void decideAndDo() {
        long now = loop.nanos();
        noteInstance(postgres.view(), now);
        ClusterView view = views.readable(viewMaxAgeNanos());
        noteOutage(view, now);
        LocalState local = localState();
        HaDecision decision = HaPolicy.decide(view, local, now, loop.wallClock());
        lastKind = decision.getClass().getSimpleName();
        if (!decision.why().equals(lastWhy)) {
            LOG.infof(
                    "%s: %s",
                    decision.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT),
                    decision.why());
            lastWhy = decision.why();
        }
        perform(decision, view, local);
        if (task == null && view != null && operatorAction != null) {
            Supplier<CompletableFuture<@Nullable Void>> action = operatorAction;
            String name = operatorTask == null ? "operator's request" : operatorTask;
            operatorAction = null;
            operatorTask = null;
            run(name, action);
        }
        if (view != null) {
            if (view.config() != null
                    && view.config().modRevision() != configuredRevision
                    && task == null) {
                configure(view.config());
            }
            updateMemberKey(view);
            keepSuspension(view);
        }
        publish(decision);
    }

    /**
     * After an outage of the DCS, in which the leases of all members may have ended, everybody has
     * as long to show up as when the leader went.
     */
    private void noteOutage(@Nullable ClusterView view, long now) {
        if (view == null) {
            wasUnreadable = true;
        } else if (wasUnreadable) {
            wasUnreadable = false;
            if (view.leader() == null && leaderAbsentSinceNanos != 0) {
                leaderAbsentSinceNanos = now;
                peers = null;
            }
        }
    }

    private void keepSuspension(ClusterView view) {
        LocalState local = localState();
        if (local.lease().held()) {
            suspension.lead(view, local.lease());
        } else if (local.task() == null && !local.mayWrite()) {
            suspension.withdraw(view.suspension());
        }
    }

    private void perform(HaDecision decision, @Nullable ClusterView view, LocalState local) {
        switch (decision) {
            case HaDecision.Wait wait -> endIfStopped(wait, local);
            case HaDecision.Fence fence -> fence(fence, local);
            case HaDecision.Refuse refuse -> refuse(refuse);
            case HaDecision.Lead lead -> {
                if (view != null) {
                    crashes = loop.nanos() - lastCrashNanos > CRASH_WINDOW_NANOS ? 0 : crashes;
                    duties.run(view, local.instance(), local.lease().epoch());
                }
            }
            case HaDecision.CheckFailsafe check -> actions.checkFailsafe(local);
            case HaDecision.AdoptLease adopt ->
                    run("taking up the lease", () -> actions.adopt(adopt));
            case HaDecision.AcquireLeader acquire ->
                    run("taking the leader key", () -> actions.acquire(require(view)));
            case HaDecision.PollPeers poll ->
                    run("asking the other members", () -> actions.poll(require(view)));
            case HaDecision.Promote promote ->
                    run(Actions.PROMOTING, () -> actions.promote(require(view), promote));
            case HaDecision.StepDown stepDown ->
                    run("switchover", () -> actions.stepDown(require(view), stepDown));
            case HaDecision.Release release ->
                    run("releasing the leader key", () -> actions.release(release));
            case HaDecision.ClearSwitchover clear ->
                    run(
                            "clearing the switchover request",
                            () -> actions.clearSwitchover(require(view), clear));
            case HaDecision.StartPrimary start ->
                    run("starting as primary", () -> actions.startPrimary(start));
            case HaDecision.StartStandby start ->
                    run("starting as standby", () -> actions.startStandby(view, start));
            case HaDecision.Follow follow ->
                    run("following", () -> actions.follow(require(view), follow));
            case HaDecision.Rejoin rejoin ->
                    run("rejoining", () -> actions.rejoin(require(view), rejoin));
            case HaDecision.Bootstrap bootstrap ->
                    run("creating the cluster", () -> actions.bootstrap(require(view)));
            case HaDecision.Clone clone ->
                    run(
                            "creating replica from " + clone.source(),
                            () -> actions.cloneFrom(require(view), clone.source()));
            case HaDecision.StopInstance stop -> run("stopping", () -> actions.stopInstance());
            case HaDecision.RestoreCluster restore ->
                    run(
                            "restoring the cluster",
                            () -> actions.restoreCluster(require(view), restore));
            case HaDecision.ChangeRecovery change ->
                    run(
                            "recovering the cluster",
                            () -> actions.changeRecovery(require(view), change));
            case HaDecision.AcceptData accept ->
                    run("accepting the data", () -> actions.acceptData(accept));
            case HaDecision.GiveUpData giveUp ->
                    run("giving up the data", () -> actions.giveUpData(giveUp));
        }
    }

    private static ClusterView require(@Nullable ClusterView view) {
        if (view == null) {
            throw new IllegalStateException(
                    "a decision that needs the DCS was made without a view of it");
        }
        return view;
    }

    private void endIfStopped(HaDecision.Wait wait, LocalState local) {
        boolean down = local.instance().process() == ProcessState.STOPPED || paused;
        if (stopping
                && task == null
                && down
                && (wait.why().equals("stopped") || !local.lease().held())) {
            stopped = true;
            holds.releaseLocal();
            memberKey.remove().whenComplete((done, failure) -> finish("stopped"));
        }
    }

    private void fence(HaDecision.Fence fence, LocalState local) {
        long epoch = local.lease().epoch();
        if (local.lease().held()) {
            lease.lost(epoch, fence.why());
        } else if (!fencing) {
            // Beside the task under way, if there is one: that fails now, and ends by itself.
            LOG.errorf("fencing the instance: %s", fence.why());
            fencing = true;
            loop.hop(postgres.fence(fence.why()))
                    .whenComplete(
                            (done, failure) -> {
                                fencing = false;
                                wake();
                            });
        }
    }

    private void refuse(HaDecision.Refuse refuse) {
        LOG.errorf("this member cannot join the cluster: %s", refuse.why());
        stopped = true;
        loop.hop(postgres.stop(settings.get().stopBudget()))
                .whenComplete((done, failure) -> finish(refuse.why()));
    }

    private void finish(String why) {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
        views.close();
        end.complete(why);
    }

    /**
     * Runs a long action; cycles go on meanwhile, but decide nothing that would need the instance.
     */
    private void run(String name, Supplier<CompletableFuture<@Nullable Void>> action) {
        task = name;
        CompletableFuture<@Nullable Void> done;
        try {
            done = action.get();
        } catch (RuntimeException e) {
            done = CompletableFuture.failedFuture(e);
        }
        loop.hop(done)
                .whenComplete(
                        (value, failure) -> {
                            task = null;
                            if (failure != null) {
                                LOG.warnf("%s failed: %s", name, Loop.message(failure));
                                LOG.debug(name, failure);
                                holdOff(SOON.multipliedBy(10));
                            }
                            wake();
                        });
    }

    /**
     * An operator's action, run when nothing else is; fails at once when one is waiting already. On
     * the loop.
     */
    CompletableFuture<@Nullable Void> runForOperator(
            String name, Supplier<CompletableFuture<@Nullable Void>> action) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        if (operatorAction != null) {
            done.completeExceptionally(
                    new PostgresProblem("another request is waiting: " + operatorTask));
            return done;
        }
        operatorTask = name;
        operatorAction =
                () ->
                        action.get()
                                .whenComplete(
                                        (value, failure) -> {
                                            if (failure == null) {
                                                done.complete(null);
                                            } else {
                                                done.completeExceptionally(Loop.unwrap(failure));
                                            }
                                        });
        wake();
        return done;
    }

    // ---------------------------------------------------------------- memory

    private void noteInstance(InstanceView instance, long now) {
        holds.look(instance);
        boolean waitsForStream =
                instance.isStandby() && instance.upstream() != null && !instance.streaming();
        if (waitsForStream) {
            streamingSinceNanos = 0;
            notStreamingSinceNanos = notStreamingSinceNanos == 0 ? now : notStreamingSinceNanos;
        } else if (!instance.streaming()) {
            notStreamingSinceNanos = 0;
        } else if (streamingSinceNanos == 0) {
            streamingSinceNanos = now;
        } else if (now - streamingSinceNanos >= STREAM_SETTLED.toNanos()) {
            notStreamingSinceNanos = 0;
        }
        if (shortOfSpace != instance.isShortOfSpace()) {
            shortOfSpace = instance.isShortOfSpace();
            if (shortOfSpace) {
                LOG.warnf("little space is left for WAL: %s", instance.space());
            } else {
                LOG.infof("there is enough space for WAL again: %s", instance.space());
            }
        }
        String newRole =
                !instance.isRunning() ? role : instance.inRecovery() ? "replica" : "primary";
        if (!newRole.equals(role)) {
            if (!role.isEmpty()) {
                callbacks.fire(Callbacks.Event.ON_ROLE_CHANGE, newRole);
            }
            role = newRole;
        }
    }

    private void postmasterDied() {
        long now = loop.nanos();
        crashes = now - lastCrashNanos > CRASH_WINDOW_NANOS ? 1 : crashes + 1;
        lastCrashNanos = now;
        LOG.warnf("the postmaster died crashes=%d", crashes);
        tellNews();
        wake();
    }

    private void leaseLost(long epoch) {
        fencedEpoch = epoch;
        failsafeActive = false;
        wake();
    }

    /** We asked for the deletion of our leader key: its lease is never taken up again. */
    void noteGivenUp(long epoch) {
        fencedEpoch = Math.max(fencedEpoch, epoch);
    }

    void noteStarted() {
        startedNanos = loop.nanos();
        stuck = "";
    }

    int fruitlessRewinds() {
        return fruitlessRewinds;
    }

    /**
     * @param fits false when a rewind succeeded and the history still differs
     */
    void noteRejoined(boolean fits) {
        fruitlessRewinds = fits ? 0 : fruitlessRewinds + 1;
    }

    /** The data is a new copy, made while this recovery of the cluster, if any, rebuilt members. */
    void noteCopied(@Nullable ClusterRecovery recovery) {
        rebuiltFor =
                recovery != null && recovery.step() == ClusterRecovery.Step.REBUILD
                        ? recovery.id()
                        : "";
    }

    void notePeers(PeerPoll poll) {
        peers = poll;
    }

    void noteStuck(String why) {
        LOG.errorf("this member needs an operator: %s", why);
        stuck = why;
    }

    void noteFailsafe() {
        if (!failsafeActive) {
            LOG.warn("the DCS cannot be reached; every member agreed that this primary goes on");
        }
        failsafeActive = true;
    }

    /** Leaves the instance as it is for a while; running for leader is another matter. */
    void holdOff(Duration howLong) {
        workAfterNanos = Math.max(workAfterNanos, loop.nanos() + howLong.toNanos());
    }

    /** Lets others lead, and leaves the instance as it is. */
    void stepBack(Duration howLong) {
        raceAfterNanos = Math.max(raceAfterNanos, loop.nanos() + howLong.toNanos());
        holdOff(howLong);
    }

    /**
     * Promises a leader without a DCS not to run against it for {@code howLong}. On the loop.
     *
     * @return completes on the loop once an agent after this one would keep the promise too; the
     *     leader must not hear of it before
     */
    CompletableFuture<@Nullable Void> promise(Duration howLong) {
        keepStill(howLong);
        return loop.hop(promises.keep(promiseUntilNanos));
    }

    private void keepStill(Duration howLong) {
        promiseUntilNanos = Math.max(promiseUntilNanos, loop.nanos() + howLong.toNanos());
        tellNews();
    }

    void scheduleRestart(String json) {
        scheduledRestart = json;
        wake();
    }

    LocalState localState() {
        return new LocalState(
                settings.get().self(),
                settings.get().tags(),
                postgres.view(),
                lease.state(),
                task == null && fencing ? Actions.FENCING : task,
                watchdogFailed.getAsBoolean(),
                new HaMemory(
                        leaderAbsentSinceNanos,
                        peers,
                        raceAfterNanos,
                        workAfterNanos,
                        fencedEpoch,
                        crashes,
                        startedNanos,
                        notStreamingSinceNanos,
                        promiseUntilNanos,
                        failsafeActive,
                        paused,
                        stuck,
                        adoptUntilNanos,
                        settings.get().mayBootstrap(),
                        stopping,
                        rebuiltFor));
    }

    ClusterView lastView() {
        return views.last();
    }

    Duration loopWait() {
        return views.last().settings().loopWait();
    }

    private long viewMaxAgeNanos() {
        DynamicConfig config = views.last().settings();
        return config.loopWait().toNanos() + config.ttl().toNanos() / 3;
    }

    // ---------------------------------------------------------------- outwards

    private void configure(DynamicConfig config) {
        configuredRevision = config.modRevision();
        if (postgres.view().data() != DataState.VALID) {
            return;
        }
        run(
                "applying the configuration",
                () ->
                        postgres.configure(config)
                                .whenComplete(
                                        (done, failure) -> {
                                            if (failure != null) {
                                                LOG.warnf(
                                                        "cannot apply the dynamic configuration revision=%d: %s",
                                                        config.modRevision(),
                                                        Loop.message(failure));
                                            }
                                        }));
    }

    /**
     * Our member lease also holds the empty initialize key, which keeps the others from creating
     * the cluster too.
     */
    private boolean isReservedByUs(ClusterView view) {
        InitializeKey initialize = view.initialize();
        return initialize != null
                && initialize.isBootstrapping()
                && initialize.leaseId() == memberKey.leaseId();
    }

    private void updateMemberKey(ClusterView view) {
        memberKey.update(
                member(),
                view.settings().ttl(),
                !view.members().containsKey(settings.get().self()) && view.revision() > 0,
                isReservedByUs(view));
    }

    private Member member() {
        InstanceView instance = postgres.view();
        Lsn position = instance.position();
        return new Member(
                settings.get().self(),
                settings.get().postgres(),
                settings.get().apiUrl(),
                memberRole(instance),
                memberState(),
                "pgnode-" + io.pgnode.Pgnode.VERSION,
                settings.get().tags(),
                position,
                instance.isStandby() ? instance.receiveLsn() : Lsn.NONE,
                instance.isStandby() ? instance.replayLsn() : Lsn.NONE,
                instance.timeline(),
                instance.isStandby()
                        ? (instance.streaming() ? "streaming" : "in archive recovery")
                        : "",
                instance.pendingRestart(),
                scheduledRestart,
                isPauseInForce(),
                memberKey.leaseId(),
                0);
    }

    /** Who waits for the pause may then take the DCS away from the leader. */
    private boolean isPauseInForce() {
        LeaseState held = lease.state();
        return paused && (!held.held() || suspension.isInForce(held));
    }

    private MemberRole memberRole(InstanceView instance) {
        if (instance.data() != DataState.VALID) {
            return MemberRole.UNINITIALIZED;
        }
        return instance.isPrimary() ? MemberRole.PRIMARY : MemberRole.REPLICA;
    }

    /** PostgreSQL's state in Patroni's words. */
    private String memberState() {
        InstanceView instance = postgres.view();
        if (task != null && task.startsWith("creating replica")) {
            return "creating replica";
        }
        if (task != null && task.startsWith("creating the cluster")) {
            return "initializing new cluster";
        }
        return switch (instance.process()) {
            case RUNNING -> "running";
            case STARTING -> "starting";
            case STOPPING -> "stopping";
            case STOPPED -> {
                if (!stuck.isEmpty()) {
                    yield "start failed";
                }
                yield crashes > 0 && instance.control() == InstanceView.ControlState.IN_PRODUCTION
                        ? "crashed"
                        : "stopped";
            }
        };
    }

    private void publish(HaDecision decision) {
        tellNews();
        publish.accept(
                new AgentSnapshot(
                        settings.get().scope(),
                        views.last(),
                        views.contactNanos(),
                        views.contactSeconds(),
                        loop.nanos(),
                        localState(),
                        decision.why(),
                        failsafeActive,
                        memberState(),
                        scheduledRestart,
                        postgres.view().pendingRestart(),
                        task));
    }

    MemberName self() {
        return settings.get().self();
    }
}
