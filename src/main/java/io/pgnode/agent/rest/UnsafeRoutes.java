package io.pgnode.agent.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.agent.Operations;
import io.pgnode.agent.Operations.FailsafeAnswer;
import io.pgnode.agent.Operations.RestartRequest;
import io.pgnode.agent.Operations.Result;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldStatus;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads POST, PUT, PATCH and DELETE requests and asks {@link Operations} to do them.
 *
 * <p>What is wrong with the request itself is refused here, with Patroni's codes and words; what
 * depends on the cluster is up to {@link Operations}.
 */
final class UnsafeRoutes {
    private static final String RELEASE_EXAMPLE =
            "{\"owner\": \"operator\", \"scope\": \"primary\"}";

    private final Operations operations;
    private final JsonText json;
    private final InstantSource clock;

    UnsafeRoutes(Operations operations, JsonText json, InstantSource clock) {
        this.operations = operations;
        this.json = json;
        this.clock = clock;
    }

    /** Whether there is anything to do for this method and path; 501 otherwise. */
    static boolean knows(String method, Target target) {
        String segment = target.firstSegment();
        return switch (method) {
            case "POST" ->
                    switch (segment) {
                        case "switchover",
                                "failover",
                                "restart",
                                "reload",
                                "reinitialize",
                                "failsafe",
                                "hold",
                                "release" ->
                                true;
                        default -> false;
                    };
            case "DELETE" -> segment.equals("switchover") || segment.equals("restart");
            case "PATCH", "PUT" -> segment.equals("config");
            default -> false;
        };
    }

    /** The future may take as long as the operation does. */
    CompletableFuture<Answer> answer(String method, Target target, String body) {
        try {
            String segment = target.firstSegment();
            return switch (method) {
                case "POST" -> post(segment, body);
                case "DELETE" -> delete(segment);
                case "PATCH", "PUT" -> config(body, method.equals("PATCH"));
                default -> done(Answer.unsupported(method));
            };
        } catch (RequestException e) {
            return done(e.answer());
        }
    }

    private CompletableFuture<Answer> post(String segment, String body) throws RequestException {
        return switch (segment) {
            case "switchover" -> switchover(body, false);
            case "failover" -> switchover(body, true);
            case "restart" -> restart(body);
            case "reload" -> operations.reload().thenApply(UnsafeRoutes::text);
            case "reinitialize" -> reinitialize(body);
            case "failsafe" -> failsafe(body);
            case "hold" -> {
                HoldRequest request = HoldForm.read(Body.required(body, json, HoldForm.EXAMPLE));
                yield holds(operations.hold(request));
            }
            case "release" -> {
                HoldForm.Release release =
                        HoldForm.readRelease(Body.required(body, json, RELEASE_EXAMPLE));
                yield holds(operations.release(release.owner(), release.scope()));
            }
            default -> done(Answer.unsupported("POST"));
        };
    }

    private CompletableFuture<Answer> holds(CompletableFuture<HoldStatus> asked) {
        return asked.handle(
                (status, failure) ->
                        failure == null
                                ? Answer.json(200, json.print(HoldForm.answer(status, json)))
                                : Answer.text(503, message(failure)));
    }

    private static String message(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        return String.valueOf(cause.getMessage());
    }

    private CompletableFuture<Answer> delete(String segment) {
        return switch (segment) {
            case "switchover" -> operations.cancelSwitchover().thenApply(UnsafeRoutes::text);
            case "restart" -> operations.cancelRestart().thenApply(UnsafeRoutes::text);
            default -> done(Answer.unsupported("DELETE"));
        };
    }

    private CompletableFuture<Answer> switchover(String text, boolean isFailover)
            throws RequestException {
        Body body = Body.required(text, json, SwitchoverForm.EXAMPLE);
        SwitchoverRequest request =
                SwitchoverForm.read(body, isFailover, isPaused(), clock.instant());
        return operations.switchover(request).thenApply(UnsafeRoutes::text);
    }

    private CompletableFuture<Answer> restart(String text) throws RequestException {
        Body body = Body.optional(text, json, RestartForm.EXAMPLE);
        RestartRequest request = RestartForm.read(body, isPaused(), clock.instant());
        return operations.restart(request).thenApply(UnsafeRoutes::text);
    }

    private CompletableFuture<Answer> reinitialize(String text) throws RequestException {
        Body body = Body.optional(text, json, "{\"force\": true}");
        boolean fromLeader = body.flag("from-leader") || body.flag("from_leader");
        return operations
                .reinitialize(body.flag("force"), fromLeader)
                .thenApply(UnsafeRoutes::text);
    }

    private CompletableFuture<Answer> config(String text, boolean isPatch) throws RequestException {
        Body body = Body.required(text, json, "{\"loop_wait\": 5}");
        return operations
                .writeConfig(json.print(body.fields()), isPatch)
                .thenApply(
                        result ->
                                result.status() == 200
                                        ? Answer.json(200, json.reprint(result.text()))
                                        : text(result));
    }

    private CompletableFuture<Answer> failsafe(String text) throws RequestException {
        String example = "{\"name\": \"pg-test-1\", \"api_url\": \"http://10.0.0.1:8008/patroni\"}";
        Body body = Body.required(text, json, example);
        MemberName leader = body.member("name", "name is not a member name");
        if (leader == null) {
            throw new RequestException(400, "name is missing; the body must be such as " + example);
        }
        Map<String, Lsn> slots = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> slot : body.fields().path("slots").properties()) {
            if (slot.getValue().canConvertToLong()) {
                slots.put(slot.getKey(), new Lsn(slot.getValue().asLong()));
            }
        }
        return operations
                .failsafe(leader, body.text("api_url"), slots)
                .thenApply(UnsafeRoutes::failsafe);
    }

    private static Answer failsafe(FailsafeAnswer result) {
        Answer answer = Answer.text(result.status(), result.text());
        return result.accepted()
                ? answer.with("lsn", Long.toUnsignedString(result.position().value()))
                        .with(
                                PeerClient.PROMISE_HEADER,
                                Long.toString(result.promised().toMillis()))
                : answer;
    }

    private boolean isPaused() {
        return operations.snapshot().view().isPaused();
    }

    private static Answer text(Result result) {
        return Answer.text(result.status(), result.text());
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
