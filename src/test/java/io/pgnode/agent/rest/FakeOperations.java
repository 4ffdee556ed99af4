package io.pgnode.agent.rest;

import io.pgnode.agent.AgentSnapshot;
import io.pgnode.agent.Operations;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Writes down what it is asked to do and answers what the test says. Thread-safe. */
final class FakeOperations implements Operations {
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    volatile AgentSnapshot snapshot = TestNode.primary().snapshot();
    volatile CompletableFuture<Result> answer =
            CompletableFuture.completedFuture(new Result(200, "done"));
    volatile FailsafeAnswer failsafe =
            new FailsafeAnswer(Duration.ofSeconds(5), 200, "Accepted", new Lsn(0x3000060));

    volatile CompletableFuture<HoldStatus> held =
            CompletableFuture.completedFuture(new HoldStatus(true, 2, 3));

    @Override
    public AgentSnapshot snapshot() {
        return snapshot;
    }

    @Override
    public CompletableFuture<Result> switchover(SwitchoverRequest request) {
        return noted(
                "switchover "
                        + request.leader()
                        + " "
                        + request.candidate()
                        + " "
                        + request.scheduledAt());
    }

    @Override
    public CompletableFuture<Result> cancelSwitchover() {
        return noted("cancel switchover");
    }

    @Override
    public CompletableFuture<Result> restart(RestartRequest request) {
        return noted(request.toString());
    }

    @Override
    public CompletableFuture<Result> cancelRestart() {
        return noted("cancel restart");
    }

    @Override
    public CompletableFuture<Result> reload() {
        return noted("reload");
    }

    @Override
    public CompletableFuture<Result> reinitialize(boolean force, boolean fromLeader) {
        return noted("reinitialize " + force + " " + fromLeader);
    }

    @Override
    public CompletableFuture<Result> writeConfig(String json, boolean patch) {
        return noted((patch ? "patch " : "put ") + json);
    }

    @Override
    public CompletableFuture<FailsafeAnswer> failsafe(
            MemberName leader, String apiUrl, Map<String, Lsn> slots) {
        asked.add("failsafe " + leader + " " + apiUrl + " " + slots);
        return CompletableFuture.completedFuture(failsafe);
    }

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        asked.add(request.toString());
        return held;
    }

    @Override
    public CompletableFuture<HoldStatus> release(String owner, HoldScope scope) {
        asked.add("release " + owner + " " + scope);
        return held;
    }

    private CompletableFuture<Result> noted(String what) {
        asked.add(what);
        return answer;
    }
}
