package io.pgnode.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.config.DynamicConfigCheck;
import io.pgnode.config.InitialDynamicConfig;
import io.pgnode.config.Problem;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.ha.SwitchoverCheck;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Operators' requests: checks them against the newest snapshot, hands them to the {@link HaLoop},
 * and waits for the outcome. Status codes and texts are Patroni's, because tools match on them.
 */
public final class OperatorDesk implements Operations {
    private static final Logger LOG = Logger.getLogger(OperatorDesk.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Result UNREADABLE =
            new Result(503, "the DCS cannot be read at the moment");

    private final Loop loop;
    private final HaLoop ha;
    private final ClusterStore store;
    private final Postgres postgres;
    private final LeaseKeeperView lease;
    private final Callbacks callbacks;
    private final Supplier<AgentSettings> settings;
    private final Supplier<Result> reloadConfiguration;
    private volatile AgentSnapshot snapshot;
    private Loop.@Nullable Timer restartTimer;

    /** The lease, read on any thread. */
    public interface LeaseKeeperView {
        boolean isValid();
    }

    /**
     * @param reloadConfiguration checks and applies the local configuration; blocks, runs off the
     *     loop
     */
    public OperatorDesk(
            Loop loop,
            HaLoop ha,
            ClusterStore store,
            Postgres postgres,
            LeaseKeeperView lease,
            Callbacks callbacks,
            Supplier<AgentSettings> settings,
            AgentSnapshot first,
            Supplier<Result> reloadConfiguration) {
        this.loop = loop;
        this.ha = ha;
        this.store = store;
        this.postgres = postgres;
        this.lease = lease;
        this.callbacks = callbacks;
        this.settings = settings;
        this.snapshot = first;
        this.reloadConfiguration = reloadConfiguration;
    }

    /**
     * The newest snapshot, with the lease and the instance as they are at this moment: whoever asks
     * for the primary must not be sent to one that is fenced until the next cycle ends.
     */
    @Override
    public AgentSnapshot snapshot() {
        return snapshot.now(ha.leaseState(), postgres.view());
    }

    /** Takes the newest snapshot from the loop. */
    public void publish(AgentSnapshot newest) {
        snapshot = newest;
    }

    // ---------------------------------------------------------------- switchover

    @Override
    public CompletableFuture<Result> switchover(SwitchoverRequest request) {
        return onLoop(() -> switchoverNow(request));
    }

    private CompletableFuture<Result> switchoverNow(SwitchoverRequest request) {
        ClusterView view = ha.lastView();
        String noun = request.isFailover() ? "Failover" : "Switchover";
        String problem = problem(request, view);
        if (problem != null) {
            return completed(412, noun + " is not possible: " + problem);
        }
        SwitchoverRequest standing = view.switchover();
        long revision = standing == null ? 0 : standing.modRevision();
        MemberName before = view.leader() == null ? null : view.leader().name();
        return loop.hop(store.writeSwitchover(request, revision))
                .thenCompose(
                        written -> {
                            if (!written) {
                                return completed(
                                        409,
                                        noun
                                                + " was not requested: another request was written first");
                            }
                            if (request.scheduledAt() != null) {
                                return completed(202, noun + " scheduled");
                            }
                            ha.wake();
                            long patience =
                                    Math.max(10_000, view.settings().loopWait().toMillis()) * 2
                                            + view.settings().ttl().toMillis();
                            return awaitLeader(
                                    noun, request, before, loop.nanos() + patience * 1_000_000);
                        });
    }

    private @Nullable String problem(SwitchoverRequest request, ClusterView view) {
        if (request.isFailover() && request.candidate() == null) {
            return "no candidate is named";
        }
        if (view.isPaused() && request.scheduledAt() != null) {
            return "can't schedule in the paused state";
        }
        if (view.isPaused() && request.candidate() == null) {
            return "in the paused state a candidate must be named";
        }
        if (request.scheduledAt() != null && request.scheduledAt().isBefore(loop.wallClock())) {
            return "the scheduled time has passed";
        }
        if (request.candidate() != null && !view.members().containsKey(request.candidate())) {
            return "candidate " + request.candidate() + " does not exist";
        }
        if (view.leader() == null) {
            return request.isFailover() ? null : "cluster has no leader";
        }
        if (view.isLeader(settings.get().self()) && request.scheduledAt() == null) {
            return SwitchoverCheck.problem(request, view, postgres.view());
        }
        if (request.leader() != null && !view.isLeader(request.leader())) {
            return "leader name does not match";
        }
        return view.leader().name().equals(request.candidate())
                ? "candidate is the leader already"
                : null;
    }

    /**
     * Until somebody else leads and accepts writes, or the leader deleted the request without that.
     */
    private CompletableFuture<Result> awaitLeader(
            String noun, SwitchoverRequest request, @Nullable MemberName before, long deadline) {
        CompletableFuture<Result> outcome = new CompletableFuture<>();
        new SwitchoverWait(noun, request, before, deadline, outcome).look();
        return outcome;
    }

    private final class SwitchoverWait {
        private final String noun;
        private final SwitchoverRequest request;
        private final @Nullable MemberName before;
        private final long deadline;
        private final CompletableFuture<Result> outcome;
        private boolean seen;

        SwitchoverWait(
                String noun,
                SwitchoverRequest request,
                @Nullable MemberName before,
                long deadline,
                CompletableFuture<Result> outcome) {
            this.noun = noun;
            this.request = request;
            this.before = before;
            this.deadline = deadline;
            this.outcome = outcome;
        }

        void look() {
            ClusterView view = ha.lastView();
            seen |= view.switchover() != null;
            Member leader = view.leaderMember();
            if (leader != null
                    && !leader.name().equals(before)
                    && leader.role() == MemberRole.PRIMARY) {
                boolean asAsked =
                        request.candidate() == null || request.candidate().equals(leader.name());
                String text = past(noun) + " to \"" + leader.name() + "\"";
                finish(
                        200,
                        asAsked
                                ? "Successfully " + text
                                : text + " instead of \"" + request.candidate() + "\"");
            } else if (seen
                    && view.switchover() == null
                    && before != null
                    && view.isLeader(before)) {
                finish(503, noun + " failed; the leader's log says why");
            } else if (loop.nanos() - deadline >= 0) {
                finish(503, noun + " status unknown");
            } else {
                loop.schedule(POLL.toNanos(), this::look);
            }
        }

        private void finish(int status, String text) {
            outcome.complete(new Result(status, text));
        }
    }

    private static String past(String noun) {
        return noun.equals("Failover") ? "failed over" : "switched over";
    }

    @Override
    public CompletableFuture<Result> cancelSwitchover() {
        return onLoop(
                () -> {
                    SwitchoverRequest standing = ha.lastView().switchover();
                    if (standing == null || standing.scheduledAt() == null) {
                        return completed(404, "no switchover is scheduled");
                    }
                    return loop.hop(store.writeSwitchover(null, standing.modRevision()))
                            .thenApply(
                                    deleted ->
                                            deleted
                                                    ? new Result(
                                                            200, "scheduled switchover deleted")
                                                    : new Result(
                                                            409, "the request changed meanwhile"));
                });
    }

    // ---------------------------------------------------------------- restart, reload,
    // reinitialize

    @Override
    public CompletableFuture<Result> restart(RestartRequest request) {
        return onLoop(() -> restartNow(request));
    }

    private CompletableFuture<Result> restartNow(RestartRequest request) {
        if (request.schedule() != null) {
            return completed(scheduleRestart(request, request.schedule()));
        }
        String mismatch = mismatch(request);
        if (mismatch != null) {
            return completed(503, mismatch);
        }
        CompletableFuture<Result> outcome =
                ha.runForOperator("restarting", this::restartInstance)
                        .handle(
                                (done, failure) ->
                                        failure == null
                                                ? new Result(200, "restarted successfully")
                                                : new Result(
                                                        503,
                                                        "restart failed: "
                                                                + Loop.message(failure)));
        Duration timeout = request.timeout();
        if (timeout == null) {
            return outcome;
        }
        CompletableFuture<Result> bounded = new CompletableFuture<>();
        outcome.thenAccept(bounded::complete);
        loop.schedule(
                timeout.toNanos(),
                () ->
                        bounded.complete(
                                new Result(503, "restart is still in progress after the timeout")));
        return bounded;
    }

    private @Nullable String mismatch(RestartRequest request) {
        InstanceView instance = postgres.view();
        String role = instance.isPrimary() ? "primary" : "replica";
        String wanted = request.role().equals("master") ? "primary" : request.role();
        if (!wanted.isEmpty() && !wanted.equals("any") && !wanted.equals(role)) {
            return "restart conditions are not satisfied: role is " + role + ", not " + wanted;
        }
        if (request.onlyPending() && instance.pendingRestart().isEmpty()) {
            return "restart conditions are not satisfied: no restart is pending";
        }
        if (!request.postgresVersion().isEmpty()
                && instance.serverVersion() >= versionNumber(request.postgresVersion())) {
            return "restart conditions are not satisfied: the server is not older than "
                    + request.postgresVersion();
        }
        return null;
    }

    private static int versionNumber(String version) {
        String[] parts = version.split("\\.", -1);
        try {
            return Integer.parseInt(parts[0]) * 10000
                    + (parts.length > 1 ? Integer.parseInt(parts[1]) : 0);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /**
     * Stops and starts with the same role; a primary only while its lease is valid. Clients of the
     * gateways wait meanwhile.
     */
    private CompletableFuture<@Nullable Void> restartInstance() {
        boolean primary = postgres.view().isPrimary();
        Postgres.Upstream upstream = primary ? null : currentUpstream();
        HoldSteps holds = ha.holds();
        return loop.hop(callbacks.beforeStop())
                .thenCompose(
                        ready ->
                                holds.begin(
                                        HoldSteps.RESTART,
                                        ha.lastView(),
                                        primary,
                                        ha.leaseState().epoch()))
                .thenCompose(held -> loop.hop(postgres.stop(settings.get().stopBudget())))
                .thenCompose(
                        stopped -> {
                            ha.tellNews();
                            ha.noteStarted();
                            if (!primary) {
                                return loop.hop(postgres.startStandby(upstream));
                            }
                            if (!lease.isValid()) {
                                return CompletableFuture.failedFuture(
                                        new PostgresProblem(
                                                "the lease was lost while the instance was down"));
                            }
                            return loop.hop(postgres.startPrimary());
                        })
                .whenComplete(
                        (started, failure) -> {
                            // Whether it runs or not: nobody waits for this any more.
                            holds.releaseLocal();
                            if (primary) {
                                holds.releasePrimary(HoldSteps.RESTART, ha.lastView());
                            }
                        })
                .thenApply(
                        started -> {
                            callbacks.fire(
                                    Callbacks.Event.ON_RESTART, primary ? "primary" : "replica");
                            return null;
                        });
    }

    private Postgres.@Nullable Upstream currentUpstream() {
        ClusterView view = ha.lastView();
        HostPort address = postgres.view().upstream();
        for (Member member : view.members().values()) {
            if (address != null && address.equals(member.postgres())) {
                return new Postgres.Upstream(
                        member.name(),
                        address,
                        view.settings().useSlots() ? settings.get().self().slotName() : "");
            }
        }
        return null;
    }

    private Result scheduleRestart(RestartRequest request, Instant when) {
        if (ha.lastView().isPaused()) {
            return new Result(500, "can't schedule restart in the paused state");
        }
        if (restartTimer != null) {
            return new Result(409, "another restart is already scheduled");
        }
        Duration delay = Duration.between(loop.wallClock(), when);
        if (delay.isNegative()) {
            return new Result(422, "the scheduled time has passed");
        }
        long startedMillis = postgres.view().postmasterStartMillis();
        ha.scheduleRestart(ScheduledRestart.json(request, when, startedMillis));
        restartTimer =
                loop.schedule(
                        delay.toNanos(),
                        () -> {
                            clearScheduledRestart();
                            if (postgres.view().postmasterStartMillis() != startedMillis) {
                                LOG.info("scheduled restart: it was restarted meanwhile");
                                return;
                            }
                            RestartRequest now =
                                    new RestartRequest(
                                            request.onlyPending(),
                                            request.role(),
                                            request.postgresVersion(),
                                            request.timeout(),
                                            null);
                            restartNow(now)
                                    .thenAccept(
                                            result ->
                                                    LOG.infof(
                                                            "scheduled restart: %s",
                                                            result.text()));
                        });
        return new Result(202, "Restart scheduled");
    }

    private void clearScheduledRestart() {
        if (restartTimer != null) {
            restartTimer.cancel();
            restartTimer = null;
        }
        ha.scheduleRestart("");
    }

    @Override
    public CompletableFuture<Result> cancelRestart() {
        return onLoop(
                () -> {
                    if (restartTimer == null) {
                        return completed(404, "no restarts are scheduled");
                    }
                    clearScheduledRestart();
                    return completed(200, "scheduled restart deleted");
                });
    }

    @Override
    public CompletableFuture<Result> reload() {
        return CompletableFuture.supplyAsync(
                        reloadConfiguration, task -> Thread.startVirtualThread(task))
                .thenCompose(
                        checked ->
                                checked.status() >= 400
                                        ? completed(checked)
                                        : onLoop(() -> reloadInstance(checked)));
    }

    /** The settings are taken over; now the instance's files, and the instance itself. */
    private CompletableFuture<Result> reloadInstance(Result checked) {
        return ha.runForOperator(
                        "reloading",
                        () ->
                                loop.hop(postgres.configure(ha.lastView().settings()))
                                        .thenCompose(done -> loop.hop(postgres.reload())))
                .handle(
                        (done, failure) -> {
                            if (failure != null) {
                                return new Result(503, "reload failed: " + failure.getMessage());
                            }
                            callbacks.fire(
                                    Callbacks.Event.ON_RELOAD,
                                    postgres.view().isPrimary() ? "primary" : "replica");
                            return withRefused(checked, postgres.refusedParameters());
                        });
    }

    /** One more line for each parameter that was left out. */
    static Result withRefused(Result result, Map<String, String> refused) {
        StringBuilder text =
                new StringBuilder(result.text().isEmpty() ? "reload scheduled" : result.text());
        new TreeMap<>(refused)
                .forEach(
                        (name, why) ->
                                text.append("\nparameter ")
                                        .append(name)
                                        .append(" has no effect: ")
                                        .append(why));
        return new Result(202, text.toString());
    }

    @Override
    public CompletableFuture<Result> reinitialize(boolean force, boolean fromLeader) {
        return onLoop(
                () -> {
                    ClusterView view = ha.lastView();
                    if (view.leader() == null) {
                        return completed(503, "Cluster has no leader, can not reinitialize");
                    }
                    if (view.isLeader(settings.get().self())) {
                        return completed(503, "I am the leader, can not reinitialize");
                    }
                    String task = snapshot.task();
                    if (task != null && !force) {
                        return completed(503, task + " is in progress, can not reinitialize");
                    }
                    LOG.warnf("reinitializing member=%s", settings.get().self());
                    var _ =
                            ha.runForOperator(
                                            "reinitializing",
                                            () ->
                                                    stopForReinit()
                                                            .thenCompose(
                                                                    stopped ->
                                                                            loop.hop(
                                                                                    postgres
                                                                                            .moveAside(
                                                                                                    "reinit"))))
                                    .handle(
                                            (done, failure) -> {
                                                if (failure != null) {
                                                    LOG.errorf(
                                                            "reinitialize failed: %s",
                                                            Loop.message(failure));
                                                } else {
                                                    ha.noteStarted();
                                                }
                                                return null;
                                            });
                    return completed(200, "reinitialize started");
                });
    }

    private CompletableFuture<@Nullable Void> stopForReinit() {
        return postgres.view().process() == ProcessState.STOPPED
                ? CompletableFuture.completedFuture(null)
                : loop.hop(postgres.stop(settings.get().stopBudget()));
    }

    // ---------------------------------------------------------------- configuration, failsafe

    @Override
    public CompletableFuture<Result> writeConfig(String json, boolean patch) {
        return onLoop(
                () -> {
                    DynamicConfig config = ha.lastView().config();
                    if (config == null && patch) {
                        return completed(503, "the cluster has no configuration yet");
                    }
                    ObjectNode wanted;
                    try {
                        ObjectMapper mapper = new ObjectMapper();
                        JsonNode given = mapper.readTree(json);
                        JsonNode base =
                                mapper.readTree(config == null || !patch ? "{}" : config.json());
                        if (!given.isObject() || !(base instanceof ObjectNode object)) {
                            return completed(400, "the configuration must be a JSON object");
                        }
                        wanted = object;
                        InitialDynamicConfig.merge(wanted, given);
                    } catch (JsonProcessingException e) {
                        return completed(400, "not JSON: " + e.getOriginalMessage());
                    }
                    List<Problem> problems = DynamicConfigCheck.check(wanted);
                    if (!problems.isEmpty()) {
                        return completed(
                                400,
                                problems.stream()
                                        .map(Problem::toString)
                                        .collect(Collectors.joining("\n")));
                    }
                    String text = wanted.toString();
                    if (config != null && text.equals(config.json())) {
                        return completed(200, text);
                    }
                    return loop.hop(
                                    store.writeConfig(
                                            text, config == null ? 0 : config.modRevision()))
                            .thenApply(
                                    written ->
                                            written
                                                    ? new Result(200, text)
                                                    : new Result(
                                                            409,
                                                            "the configuration was changed by somebody else meanwhile"));
                });
    }

    @Override
    public CompletableFuture<FailsafeAnswer> failsafe(
            MemberName leader, String apiUrl, Map<String, Lsn> slots) {
        CompletableFuture<FailsafeAnswer> answer = new CompletableFuture<>();
        loop.execute(() -> failsafeNow(leader).thenAccept(answer::complete));
        return answer;
    }

    private CompletableFuture<FailsafeAnswer> failsafeNow(MemberName leader) {
        ClusterView view = ha.lastView();
        InstanceView instance = postgres.view();
        if (!view.settings().failsafeMode()) {
            return refused(502, "failsafe mode is disabled");
        }
        if (instance.isPrimary() || lease.isValid()) {
            return refused(500, "running as a leader");
        }
        if (view.leader() != null && !view.isLeader(leader)) {
            return refused(500, "the leader is " + view.leader().name());
        }
        // It may know an older, longer ttl than ours, and is told which one counts. We keep to it
        // longer, since our clock started later and may run faster.
        Duration ttl = view.settings().ttl();
        return ha.promise(ttl.plusSeconds(1))
                .handle(
                        (kept, failure) -> {
                            if (failure == null) {
                                return new FailsafeAnswer(
                                        ttl, 200, "Accepted", instance.position());
                            }
                            LOG.warnf(
                                    "not promising %s to let it go on: %s",
                                    leader, Loop.message(failure));
                            return FailsafeAnswer.refused(
                                    500, "the promise cannot be written down");
                        });
    }

    private static CompletableFuture<FailsafeAnswer> refused(int status, String text) {
        return CompletableFuture.completedFuture(FailsafeAnswer.refused(status, text));
    }

    // ---------------------------------------------------------------- holds

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        LOG.infof(
                "clients are held back owner=%s scope=%s epoch=%d limit_ms=%d",
                request.owner(), request.scope(), request.epoch(), request.limit().toMillis());
        return ha.holds().gateways().hold(request);
    }

    @Override
    public CompletableFuture<HoldStatus> release(String owner, HoldScope scope) {
        return ha.holds().gateways().release(owner, scope);
    }

    // ---------------------------------------------------------------- small things

    private CompletableFuture<Result> onLoop(Supplier<CompletableFuture<Result>> request) {
        CompletableFuture<Result> outcome = new CompletableFuture<>();
        loop.execute(
                () -> {
                    if (ha.lastView().revision() == 0) {
                        outcome.complete(UNREADABLE);
                        return;
                    }
                    request.get()
                            .whenComplete(
                                    (result, failure) ->
                                            outcome.complete(
                                                    failure == null
                                                            ? result
                                                            : new Result(
                                                                    503, Loop.message(failure))));
                });
        return outcome;
    }

    private static CompletableFuture<Result> completed(int status, String text) {
        return completed(new Result(status, text));
    }

    private static CompletableFuture<Result> completed(Result result) {
        return CompletableFuture.completedFuture(result);
    }
}
