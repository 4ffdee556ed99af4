package io.pgnode.agent;

import io.pgnode.cluster.ClusterRecovery;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SyncMode;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.ha.HaDecision;
import io.pgnode.ha.LeaseState;
import io.pgnode.ha.LocalState;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.ha.PeerPoll;
import io.pgnode.ha.RejoinPlan;
import io.pgnode.ha.SyncPlan;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries out decisions, each as a chain of steps that run on the agent's loop. Before every step
 * that makes writing possible the lease is looked at again.
 */
final class Actions {
    static final String PROMOTING = "promoting";
    static final String FENCING = "fencing";

    private static final Logger LOG = Logger.getLogger(Actions.class);

    /** How long others may go first after we gave the leadership up. */
    private static final Duration AFTER_RELEASE = Duration.ofSeconds(3);

    /** Between two attempts to restore the cluster. */
    private static final Duration RESTORE_PAUSE = Duration.ofSeconds(10);

    /**
     * At most 10 s times two to this power, about ten minutes, between two attempts to create the
     * cluster.
     */
    private static final int MAX_BOOTSTRAP_BACKOFF_SHIFT = 6;

    private final Loop loop;
    private final ClusterStore store;
    private final Postgres postgres;
    private final LeaseKeeper lease;
    private final ViewKeeper views;
    private final Peers peers;
    private final Callbacks callbacks;
    private final MemberKey memberKey;
    private final Supplier<AgentSettings> settings;
    private final MemberName self;
    private final HoldSteps holds;
    private final HaLoop ha;
    private boolean failsafeAsked;
    private int failedBootstraps;

    Actions(
            Loop loop,
            ClusterStore store,
            Postgres postgres,
            LeaseKeeper lease,
            ViewKeeper views,
            Peers peers,
            Callbacks callbacks,
            MemberKey memberKey,
            Supplier<AgentSettings> settings,
            HoldSteps holds,
            HaLoop ha) {
        this.loop = loop;
        this.store = store;
        this.postgres = postgres;
        this.lease = lease;
        this.views = views;
        this.peers = peers;
        this.callbacks = callbacks;
        this.memberKey = memberKey;
        this.settings = settings;
        this.self = settings.get().self();
        this.holds = holds;
        this.ha = ha;
    }

    // ---------------------------------------------------------------- leadership

    CompletableFuture<@Nullable Void> adopt(HaDecision.AdoptLease decision) {
        Duration ttl = views.last().settings().ttl();
        return loop.hop(lease.adopt(decision.leaseId(), decision.epoch(), ttl))
                .thenCompose(
                        adopted -> {
                            if (adopted) {
                                LOG.infof("took the lease up again epoch=%d", decision.epoch());
                                return done();
                            }
                            ha.holdOff(Duration.ofMillis(500));
                            return views.read();
                        });
    }

    /**
     * Grants a lease and takes the leader key with it. When the outcome is unknown the key may be
     * ours: the next view tells, and the lease is then taken up.
     */
    CompletableFuture<@Nullable Void> acquire(ClusterView seen) {
        Duration ttl = seen.settings().ttl();
        long sentNanos = loop.nanos();
        return loop.hop(store.grantLease(ttl))
                .thenCompose(leaseId -> acquireWith(leaseId, seen, sentNanos, ttl))
                .thenCompose(won -> views.read());
    }

    private CompletableFuture<Boolean> acquireWith(
            long leaseId, ClusterView seen, long sentNanos, Duration ttl) {
        return loop.hop(store.acquireLeader(self, leaseId, seen))
                .thenApply(
                        epoch -> {
                            if (epoch == null) {
                                LOG.info("another member took the leader key first");
                                var _ = store.revokeLease(leaseId);
                                return false;
                            }
                            LOG.infof("took the leader key epoch=%d", epoch);
                            lease.begin(leaseId, epoch, sentNanos, ttl);
                            return true;
                        });
    }

    CompletableFuture<@Nullable Void> poll(ClusterView view) {
        long askedNanos = loop.nanos();
        Duration timeout = pollTimeout(view.settings());
        List<CompletableFuture<PeerAnswer>> questions = new ArrayList<>();
        for (Member member : view.members().values()) {
            if (!member.name().equals(self)) {
                questions.add(loop.hop(peers.ask(member, timeout)));
            }
        }
        return all(questions)
                .thenApply(run(answers -> ha.notePeers(new PeerPoll(askedNanos, answers))));
    }

    /**
     * A dead host answers nothing: waiting for it is part of every failover, so it is kept short on
     * short leases.
     */
    static Duration pollTimeout(DynamicConfig config) {
        long millis = Math.clamp(config.ttl().toMillis() / 5, 300, 2000);
        return Duration.ofMillis(millis);
    }

    CompletableFuture<@Nullable Void> promote(ClusterView view, HaDecision.Promote decision) {
        return recover(
                beforePromotion(view, decision.epoch())
                        .thenCompose(
                                ready -> {
                                    if (!ready) {
                                        return giveUp(
                                                "the sync key or the pre_promote script stands against it");
                                    }
                                    return promoteTo(nextTimeline(view), view, decision.epoch());
                                }),
                failure -> {
                    String why = "promotion failed: " + Loop.message(failure);
                    LOG.errorf("%s epoch=%d", why, decision.epoch());
                    // It may still go on and end in a primary: only a dead server is safe.
                    return loop.hop(postgres.fence(why)).thenCompose(killed -> giveUp(why));
                });
    }

    private int nextTimeline(ClusterView view) {
        return view.claim().next(postgres.view().timeline(), view.history());
    }

    private CompletableFuture<@Nullable Void> promoteTo(
            int timeline, ClusterView view, long epoch) {
        return loop.hop(store.claimTimeline(self, epoch, timeline, view.claim()))
                .thenCompose(
                        claimed -> {
                            if (!claimed) {
                                LOG.infof("the view was too old to promote by epoch=%d", epoch);
                                return views.read();
                            }
                            checkLease(epoch);
                            LOG.infof("promoting epoch=%d timeline=%d", epoch, timeline);
                            return loop.hop(postgres.promote(epoch, timeline))
                                    .thenCompose(promoted -> loop.hop(postgres.refresh()))
                                    .thenApply(run(this::promoted));
                        });
    }

    private void promoted(io.pgnode.cluster.InstanceView instance) {
        LOG.infof("accepting writes timeline=%d", instance.timeline());
        // The others read it in our member key, after the history of timelines: see LeaderDuties.
        ha.tellNews();
        // pg_rewind of the others needs a checkpoint on the new timeline; nobody waits for it.
        var _ =
                postgres.checkpoint()
                        .exceptionally(
                                failure -> {
                                    LOG.warnf(
                                            "checkpoint after promotion failed: %s",
                                            Loop.message(failure));
                                    return null;
                                });
    }

    /** The sync key names nobody but us, before the first commit that nobody else has. */
    private CompletableFuture<Boolean> beforePromotion(ClusterView view, long epoch) {
        DynamicConfig config = view.settings();
        CompletableFuture<Boolean> sync = CompletableFuture.completedFuture(true);
        if (config.synchronousMode() != SyncMode.OFF) {
            String names = SyncPlan.namesAtPromotion(config);
            sync =
                    loop.hop(postgres.setSynchronousStandbyNames(names))
                            .thenCompose(
                                    position ->
                                            loop.hop(
                                                    store.writeSync(
                                                            self,
                                                            epoch,
                                                            Set.of(),
                                                            0,
                                                            view.sync().modRevision())));
        }
        return sync.thenCompose(
                written ->
                        written
                                ? loop.hop(callbacks.prePromote())
                                : CompletableFuture.completedFuture(false));
    }

    private void checkLease(long epoch) {
        LeaseState state = lease.state();
        if (!state.isValid(loop.nanos()) || state.epoch() != epoch) {
            throw new PostgresProblem("the lease of epoch " + epoch + " is not valid any more");
        }
    }

    CompletableFuture<@Nullable Void> release(HaDecision.Release decision) {
        return giveUp(decision.why());
    }

    /** The instance does not accept writes: lets somebody else lead. */
    private CompletableFuture<@Nullable Void> giveUp(String why) {
        LOG.warnf("giving the leader key up: %s", why);
        ha.stepBack(AFTER_RELEASE);
        return stopUnlessStandby().thenCompose(stopped -> releaseKey(null, why));
    }

    private CompletableFuture<@Nullable Void> stopUnlessStandby() {
        boolean mayWrite = ha.localState().mayWrite();
        return mayWrite ? loop.hop(postgres.fence("giving the leadership up")) : done();
    }

    private CompletableFuture<@Nullable Void> releaseKey(@Nullable Handoff handoff, String why) {
        ClusterView view = views.last();
        long epoch = lease.state().held() ? lease.state().epoch() : view.epoch();
        // The deletion may take effect long before its answer comes, or after we stopped waiting
        // for that: the gateway must know that nobody writes here.
        ha.tellNews();
        ha.noteGivenUp(epoch);
        return loop.hop(store.releaseLeader(self, epoch, handoff, handoff != null))
                .handle(
                        (released, failure) -> {
                            if (failure != null) {
                                LOG.warnf(
                                        "cannot delete the leader key, its lease will run out epoch=%d: %s",
                                        epoch, Loop.message(failure));
                            } else if (released) {
                                LOG.infof("released the leader key epoch=%d: %s", epoch, why);
                            }
                            return null;
                        })
                .thenCompose(released -> loop.hop(lease.end()))
                .thenCompose(ended -> views.read());
    }

    /** In synchronous mode a primary that hangs at its stop loses nothing by being killed. */
    private Duration stopBudget(DynamicConfig config) {
        Duration budget = settings.get().stopBudget();
        Duration limit = config.primaryStopTimeout();
        boolean isLimited =
                config.synchronousMode() != SyncMode.OFF
                        && limit.isPositive()
                        && limit.compareTo(budget) < 0;
        return isLimited ? limit : budget;
    }

    /**
     * The planned change of leader: checkpoint while still serving, let clients wait and what they
     * have begun end, stop so that every connected standby has everything, then delete the key and
     * name the heir in one transaction. The clients go on once a gateway sees the new primary;
     * those of this node's PostgreSQL when it runs again.
     */
    CompletableFuture<@Nullable Void> stepDown(ClusterView view, HaDecision.StepDown decision) {
        long epoch = lease.state().epoch();
        MemberName candidate = decision.candidate();
        LOG.infof(
                "%s: handing over to %s epoch=%d",
                decision.why(), candidate == null ? "anybody" : candidate, epoch);
        CompletableFuture<@Nullable Void> done =
                loop.hop(callbacks.beforeStop())
                        .thenCompose(ready -> checkpointIgnoringFailure())
                        .thenCompose(
                                checkpointed ->
                                        holds.begin(HoldSteps.SWITCHOVER, view, true, epoch))
                        .thenCompose(
                                held ->
                                        loop.hop(
                                                postgres.stopForHandoff(
                                                        stopBudget(view.settings()))))
                        .handle(
                                (shutdownLsn, failure) -> {
                                    holds.stopped();
                                    if (failure != null) {
                                        LOG.warnf(
                                                "the instance did not stop cleanly, everybody may run: %s",
                                                Loop.message(failure));
                                        return new Handoff(
                                                self, null, epoch, Lsn.NONE, decision.why());
                                    }
                                    return new Handoff(
                                            self, candidate, epoch, shutdownLsn, decision.why());
                                })
                        .thenCompose(
                                handoff ->
                                        postgres.view().process() == ProcessState.STOPPED
                                                ? done().thenApply(stopped -> handoff)
                                                : loop.hop(
                                                                postgres.fence(
                                                                        "the stop for the handover failed"))
                                                        .thenApply(killed -> handoff))
                        .thenCompose(
                                handoff -> {
                                    callbacks.fire(Callbacks.Event.ON_STOP, "primary");
                                    ha.stepBack(Duration.ofMillis(200));
                                    return releaseKey(handoff, decision.why());
                                });
        return done.whenComplete(
                (released, failure) -> {
                    if (failure != null) {
                        holds.releasePrimary(HoldSteps.SWITCHOVER, views.last());
                    }
                });
    }

    private CompletableFuture<@Nullable Void> checkpointIgnoringFailure() {
        return loop.hop(postgres.checkpoint())
                .handle(
                        (done, failure) -> {
                            if (failure != null) {
                                LOG.warnf(
                                        "checkpoint before the stop failed: %s",
                                        Loop.message(failure));
                            }
                            return null;
                        });
    }

    CompletableFuture<@Nullable Void> clearSwitchover(
            ClusterView view, HaDecision.ClearSwitchover decision) {
        LOG.warn(decision.why());
        long revision = view.switchover() == null ? 0 : view.switchover().modRevision();
        return loop.hop(store.writeSwitchover(null, revision)).thenCompose(cleared -> views.read());
    }

    /**
     * Asks every member of the failsafe key once the lease has used up half its time. The new
     * deadline counts from before the questions were sent, and each member promised for longer than
     * that, on its own clock and by its own ttl, which may be newer and shorter than ours.
     */
    void checkFailsafe(LocalState local) {
        ClusterView view = views.last();
        DynamicConfig config = view.settings();
        long remaining = local.lease().deadlineNanos() - loop.nanos();
        if (!config.failsafeMode()
                || failsafeAsked
                || remaining > config.ttl().toNanos() / 2
                || view.failsafe().isEmpty()) {
            return;
        }
        failsafeAsked = true;
        long sentNanos = loop.nanos();
        long epoch = local.lease().epoch();
        Duration timeout =
                Duration.ofNanos(Math.max(Duration.ofMillis(200).toNanos(), remaining * 2 / 3));
        String body =
                FailsafeBody.json(
                        settings.get(), local.instance().slots(), local.instance().flushLsn());
        List<CompletableFuture<Duration>> questions = new ArrayList<>();
        for (Map.Entry<MemberName, String> member : view.failsafe().entrySet()) {
            if (!member.getKey().equals(self)) {
                questions.add(
                        loop.hop(
                                peers.askFailsafe(
                                        member.getKey(), member.getValue(), body, timeout)));
            }
        }
        var _ =
                all(questions)
                        .thenApply(
                                run(
                                        answers -> {
                                            failsafeAsked = false;
                                            Duration agreed = shortest(answers, config.ttl());
                                            if (agreed.isPositive()) {
                                                ha.noteFailsafe();
                                                lease.extendByAgreement(
                                                        epoch,
                                                        sentNanos
                                                                + agreed.toNanos()
                                                                - LeaseKeeper.MARGIN.toNanos());
                                            } else {
                                                LOG.warn(
                                                        "the DCS is unreachable and not every member agrees that we go on");
                                            }
                                        }));
    }

    private static Duration shortest(List<Duration> answers, Duration ttl) {
        return answers.stream().reduce(ttl, (one, other) -> one.compareTo(other) < 0 ? one : other);
    }

    // ---------------------------------------------------------------- the instance

    CompletableFuture<@Nullable Void> startPrimary(HaDecision.StartPrimary decision) {
        checkLease(decision.epoch());
        ha.noteStarted();
        return recover(
                loop.hop(postgres.startPrimary())
                        .thenCompose(started -> loop.hop(postgres.refresh()))
                        .thenApply(
                                run(
                                        started ->
                                                callbacks.fire(
                                                        Callbacks.Event.ON_START, "primary"))),
                failure -> giveUp("the primary does not start: " + Loop.message(failure)));
    }

    CompletableFuture<@Nullable Void> startStandby(
            @Nullable ClusterView view, HaDecision.StartStandby decision) {
        ha.noteStarted();
        Postgres.Upstream upstream =
                view == null || decision.upstream() == null
                        ? null
                        : upstream(view, decision.upstream());
        return loop.hop(postgres.startStandby(upstream))
                .thenApply(run(started -> callbacks.fire(Callbacks.Event.ON_START, "replica")));
    }

    CompletableFuture<@Nullable Void> follow(ClusterView view, HaDecision.Follow decision) {
        return loop.hop(
                postgres.follow(
                        decision.upstream() == null
                                ? null
                                : requireUpstream(view, decision.upstream())));
    }

    CompletableFuture<@Nullable Void> stopInstance() {
        String role = postgres.view().isPrimary() ? "primary" : "replica";
        return loop.hop(callbacks.beforeStop())
                .thenCompose(ready -> loop.hop(postgres.stop(settings.get().stopBudget())))
                .thenApply(run(stopped -> callbacks.fire(Callbacks.Event.ON_STOP, role)));
    }

    CompletableFuture<@Nullable Void> bootstrap(ClusterView view) {
        long memberLease = memberKey.leaseId();
        if (memberLease == 0) {
            ha.holdOff(Duration.ofMillis(200));
            return done();
        }
        return recover(
                loop.hop(store.beginBootstrap(memberLease))
                        .thenCompose(
                                reserved -> {
                                    if (!reserved) {
                                        LOG.info("another member creates the cluster");
                                        return views.read();
                                    }
                                    LOG.infof("creating the cluster %s", settings.get().scope());
                                    return createCluster(memberLease);
                                }),
                failure -> {
                    LOG.warnf("cannot reserve the cluster: %s", Loop.message(failure));
                    return freeReservation(memberLease);
                });
    }

    /** The reservation may be ours without our knowing: it must not live on with our member key. */
    private CompletableFuture<@Nullable Void> freeReservation(long memberLease) {
        return recover(
                loop.hop(store.cancelBootstrap(memberLease)).thenApply(run(cancelled -> {})),
                failure -> memberKey.remove());
    }

    private CompletableFuture<@Nullable Void> createCluster(long memberLease) {
        return recover(
                loop.hop(store.writeConfig(settings.get().initialConfig(), 0))
                        .thenCompose(written -> views.read())
                        .thenCompose(read -> loop.hop(postgres.initdb()))
                        .thenCompose(
                                systemId ->
                                        loop.hop(postgres.configure(views.last().settings()))
                                                .thenCompose(configured -> acquire(views.last()))
                                                .thenCompose(acquired -> startNewPrimary())
                                                .thenCompose(
                                                        started ->
                                                                finishBootstrap(
                                                                        memberLease, systemId))),
                failure -> bootstrapFailed(memberLease, Loop.unwrap(failure)));
    }

    /** The cluster exists from here on: what fails now is done again as a duty of the leader. */
    private CompletableFuture<@Nullable Void> finishBootstrap(long memberLease, String systemId) {
        return recover(
                loop.hop(store.finishBootstrap(memberLease, systemId))
                        .thenCompose(finished -> views.read()),
                failure -> {
                    LOG.warnf("cannot write the initialize key: %s", Loop.message(failure));
                    return views.read();
                });
    }

    private CompletableFuture<@Nullable Void> startNewPrimary() {
        checkLease(lease.state().epoch());
        ha.noteStarted();
        return loop.hop(postgres.startNew())
                .thenCompose(started -> loop.hop(postgres.completeBootstrap()))
                .thenApply(run(completed -> callbacks.fire(Callbacks.Event.ON_START, "primary")));
    }

    private CompletableFuture<@Nullable Void> bootstrapFailed(long memberLease, Throwable why) {
        LOG.errorf("creating the cluster failed: %s", why.getMessage());
        // Each attempt leaves a directory for the operator to look at: not too many of them.
        failedBootstraps = Math.min(failedBootstraps + 1, MAX_BOOTSTRAP_BACKOFF_SHIFT);
        ha.holdOff(Duration.ofSeconds(10L << failedBootstraps));
        return loop.hop(postgres.fence("creating the cluster failed"))
                .thenCompose(killed -> loop.hop(postgres.moveAside("failed")))
                .handle((moved, failure) -> null)
                .thenCompose(moved -> releaseKey(null, "creating the cluster failed"))
                .thenCompose(released -> freeReservation(memberLease));
    }

    CompletableFuture<@Nullable Void> cloneFrom(ClusterView view, MemberName source) {
        Postgres.Upstream upstream = requireUpstream(view, source);
        LOG.infof("copying the data directory from %s", source);
        return recover(
                loop.hop(postgres.cloneFrom(upstream))
                        .thenCompose(
                                copied -> {
                                    ha.noteCopied(view.recovery());
                                    ha.noteStarted();
                                    ClusterView now = views.last();
                                    MemberName leader =
                                            now.leader() == null ? source : now.leader().name();
                                    Postgres.Upstream follow =
                                            leader.equals(self) ? null : upstream(now, leader);
                                    return loop.hop(postgres.startStandby(follow));
                                })
                        .thenApply(
                                run(
                                        started ->
                                                callbacks.fire(
                                                        Callbacks.Event.ON_START, "replica"))),
                failure -> {
                    ha.holdOff(Duration.ofSeconds(5));
                    return CompletableFuture.failedFuture(Loop.unwrap(failure));
                });
    }

    /**
     * Brings the data directory in line with the leader's history, step by step as {@link
     * RejoinPlan} says.
     */
    CompletableFuture<@Nullable Void> rejoin(ClusterView view, HaDecision.Rejoin decision) {
        DynamicConfig config = view.settings();
        Postgres.Upstream leader = requireUpstream(view, decision.leader());
        boolean branched = RejoinPlan.branchedOff(self, postgres.view(), view.history());
        RejoinPlan plan =
                RejoinPlan.begin(
                        new RejoinPlan.Settings(
                                config.usePgRewind() && !branched,
                                config.removeDataDirectoryOnRewindFailure(),
                                config.removeDataDirectoryOnDivergedTimelines()),
                        ha.fruitlessRewinds());
        return rejoinStep(
                view,
                leader,
                plan.next(branched ? RejoinPlan.Outcome.DIVERGED : RejoinPlan.Outcome.BEGIN));
    }

    private CompletableFuture<@Nullable Void> rejoinStep(
            ClusterView view, Postgres.Upstream leader, RejoinPlan.Next next) {
        return switch (next.step()) {
            case RejoinPlan.Step.CheckDivergence check ->
                    loop.hop(postgres.divergence(leader))
                            .thenCompose(
                                    answer ->
                                            rejoinStep(
                                                    view,
                                                    leader,
                                                    next.then()
                                                            .next(
                                                                    switch (answer) {
                                                                        case NONE ->
                                                                                RejoinPlan.Outcome
                                                                                        .NOT_DIVERGED;
                                                                        case DIVERGED ->
                                                                                RejoinPlan.Outcome
                                                                                        .DIVERGED;
                                                                        case UNKNOWN ->
                                                                                RejoinPlan.Outcome
                                                                                        .UNKNOWN;
                                                                    })));
            case RejoinPlan.Step.Rewind rewind -> rewind(view, leader, next.then());
            case RejoinPlan.Step.CloneAnew clone ->
                    stopIfRunning()
                            .thenCompose(stopped -> loop.hop(postgres.replaceData("diverged")))
                            .thenCompose(moved -> cloneFrom(view, leader.name()));
            case RejoinPlan.Step.Start start -> {
                if (postgres.view().process() != ProcessState.STOPPED) {
                    // It runs and its history fits: streaming will come by itself.
                    ha.holdOff(Duration.ofSeconds(5));
                    yield done();
                }
                ha.noteStarted();
                ha.noteRejoined(true);
                yield loop.hop(postgres.startStandby(leader))
                        .thenApply(
                                run(
                                        started ->
                                                callbacks.fire(
                                                        Callbacks.Event.ON_START, "replica")));
            }
            case RejoinPlan.Step.TryLater later -> {
                LOG.infof("not rejoining yet: %s", later.why());
                ha.noteRejoined(!next.then().rewound());
                ha.holdOff(Duration.ofSeconds(2));
                yield done();
            }
            case RejoinPlan.Step.GiveUp giveUp -> {
                ha.noteStuck(giveUp.why());
                yield stopIfRunning();
            }
        };
    }

    private CompletableFuture<@Nullable Void> rewind(
            ClusterView view, Postgres.Upstream leader, RejoinPlan plan) {
        LOG.infof("rewinding the data directory to the history of %s", leader.name());
        return stopIfRunning()
                .thenCompose(stopped -> loop.hop(postgres.rewind(leader)))
                .handle(
                        (rewound, failure) -> {
                            if (failure != null) {
                                LOG.warnf("pg_rewind failed: %s", Loop.message(failure));
                                return RejoinPlan.Outcome.REWIND_FAILED;
                            }
                            return RejoinPlan.Outcome.REWOUND;
                        })
                .thenCompose(outcome -> rejoinStep(view, leader, plan.next(outcome)));
    }

    private CompletableFuture<@Nullable Void> stopIfRunning() {
        return postgres.view().process() == ProcessState.STOPPED
                ? done()
                : loop.hop(postgres.stop(settings.get().stopBudget()));
    }

    // ---------------------------------------------------------------- recovery of the cluster

    /** Restores, recovers to the target, and accepts writes when done. */
    CompletableFuture<@Nullable Void> restoreCluster(
            ClusterView view, HaDecision.RestoreCluster decision) {
        ClusterRecovery recovery = view.recovery();
        if (recovery == null) {
            return done();
        }
        checkLease(decision.epoch());
        ha.noteStarted();
        DynamicConfig config = view.settings();
        String names =
                config.synchronousMode() == SyncMode.OFF ? "" : SyncPlan.namesAtPromotion(config);
        return recover(
                forgetSynchronousStandbys(view, decision.epoch())
                        .thenCompose(
                                forgotten ->
                                        loop.hop(postgres.restoreCluster(recovery.target(), names)))
                        .thenCompose(restored -> loop.hop(postgres.refresh()))
                        .thenCompose(
                                instance -> {
                                    if (instance.timeline() <= recovery.timeline()) {
                                        throw new PostgresProblem(
                                                "the restored instance began timeline "
                                                        + instance.timeline()
                                                        + ", which is not newer than "
                                                        + recovery.timeline()
                                                        + ": the archive lacks the history file of"
                                                        + " a timeline");
                                    }
                                    callbacks.fire(Callbacks.Event.ON_START, "primary");
                                    return sayProblem(recovery, "");
                                }),
                failure -> {
                    ha.holdOff(RESTORE_PAUSE);
                    LOG.errorf(
                            "recovery %s: the restore failed: %s",
                            recovery.id(), Loop.message(failure));
                    return sayProblem(recovery, Loop.message(failure));
                });
    }

    /** Nobody has what the restored instance will write. */
    private CompletableFuture<@Nullable Void> forgetSynchronousStandbys(
            ClusterView view, long epoch) {
        if (view.sync().standbys().isEmpty()) {
            return done();
        }
        return loop.hop(store.writeSync(self, epoch, Set.of(), 0, view.sync().modRevision()))
                .thenApply(
                        run(
                                written -> {
                                    if (!written) {
                                        throw new PostgresProblem(
                                                "the sync key was changed by somebody else");
                                    }
                                }));
    }

    /** For the operator who waits. */
    private CompletableFuture<@Nullable Void> sayProblem(ClusterRecovery recovery, String problem) {
        ClusterRecovery now = views.last().recovery();
        if (now == null || !now.id().equals(recovery.id()) || now.problem().equals(problem)) {
            return done();
        }
        return loop.hop(store.writeRecovery(now.withProblem(problem), now.modRevision()))
                .handle((written, failure) -> null)
                .thenCompose(said -> views.read());
    }

    CompletableFuture<@Nullable Void> changeRecovery(
            ClusterView view, HaDecision.ChangeRecovery change) {
        ClusterRecovery now = view.recovery();
        if (now == null) {
            return done();
        }
        LOG.info(change.why());
        return loop.hop(store.writeRecovery(change.next(), now.modRevision()))
                .thenCompose(written -> views.read());
    }

    CompletableFuture<@Nullable Void> acceptData(HaDecision.AcceptData decision) {
        LOG.info(decision.why());
        return loop.hop(postgres.acceptData());
    }

    CompletableFuture<@Nullable Void> giveUpData(HaDecision.GiveUpData decision) {
        LOG.warn(decision.why());
        return loop.hop(postgres.giveUpData(decision.why()));
    }

    // ---------------------------------------------------------------- small things

    private Postgres.Upstream requireUpstream(ClusterView view, MemberName name) {
        Postgres.Upstream upstream = upstream(view, name);
        if (upstream == null) {
            throw new PostgresProblem("the address of " + name + " is not known");
        }
        return upstream;
    }

    private Postgres.@Nullable Upstream upstream(ClusterView view, MemberName name) {
        Member member = view.members().get(name);
        HostPort address = member == null ? null : member.postgres();
        return address == null
                ? null
                : new Postgres.Upstream(
                        name, address, view.settings().useSlots() ? self.slotName() : "");
    }

    private static <T extends @Nullable Object> Function<T, @Nullable Void> run(
            Consumer<T> action) {
        return value -> {
            action.accept(value);
            return null;
        };
    }

    /** The same, or what {@code otherwise} makes of the failure, which it gets unwrapped. */
    private static CompletableFuture<@Nullable Void> recover(
            CompletableFuture<@Nullable Void> attempt,
            Function<Throwable, CompletableFuture<@Nullable Void>> otherwise) {
        return attempt.handle(
                        (value, failure) ->
                                failure == null ? done() : otherwise.apply(Loop.unwrap(failure)))
                .thenCompose(next -> next);
    }

    private static CompletableFuture<@Nullable Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
    }
}
