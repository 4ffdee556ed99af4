package io.pgnode.agent;

import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What an operator may ask of this member, from REST or the command line. Thread-safe; nothing
 * blocks.
 *
 * <p>The {@link Result} carries the HTTP status and the text that Patroni would answer.
 */
public interface Operations {
    /**
     * @param status HTTP status code: 200 done, 202 scheduled or started, 4xx refused, 503 failed
     */
    record Result(int status, String text) {}

    /**
     * @param role only when this member has it ({@code primary}, {@code replica}); empty for any
     * @param postgresVersion only when the server is older than this ({@code 15.4}); empty for any
     * @param timeout null for none
     * @param schedule null for now
     */
    record RestartRequest(
            boolean onlyPending,
            String role,
            String postgresVersion,
            @Nullable Duration timeout,
            @Nullable Instant schedule) {}

    /**
     * Answer to a leader without a DCS: may it go on?
     *
     * @param promised how long it may count on that from when it asked; zero when it may not go on
     */
    record FailsafeAnswer(Duration promised, int status, String text, Lsn position) {
        public boolean accepted() {
            return promised.isPositive();
        }

        static FailsafeAnswer refused(int status, String text) {
            return new FailsafeAnswer(Duration.ZERO, status, text, Lsn.NONE);
        }
    }

    AgentSnapshot snapshot();

    /** Completes when the switchover is done, refused or failed. */
    CompletableFuture<Result> switchover(SwitchoverRequest request);

    CompletableFuture<Result> cancelSwitchover();

    CompletableFuture<Result> restart(RestartRequest request);

    CompletableFuture<Result> cancelRestart();

    /** Checks the local configuration, applies it, reloads PostgreSQL. */
    CompletableFuture<Result> reload();

    CompletableFuture<Result> reinitialize(boolean force, boolean fromLeader);

    /**
     * Replaces the dynamic configuration; {@code patch} merges instead, null values delete. Result
     * text is the new JSON.
     */
    CompletableFuture<Result> writeConfig(String json, boolean patch);

    CompletableFuture<FailsafeAnswer> failsafe(
            MemberName leader, String apiUrl, Map<String, Lsn> slots);

    /**
     * Lets clients of this node's gateway wait; done once no further transaction begins. Fails when
     * there is no gateway.
     */
    CompletableFuture<HoldStatus> hold(HoldRequest request);

    /** Ends a hold of this owner in this node's gateway, and tells what is left. */
    CompletableFuture<HoldStatus> release(String owner, HoldScope scope);
}
