package io.pgnode.agent;

import io.pgnode.cluster.Member;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The gateways of the cluster, as far as they hold clients back around a stop of PostgreSQL. Calls
 * return at once; futures may fail, or complete late or never on any thread: whoever needs an
 * answer sets a limit of his own.
 */
public interface ClientHolds {
    /** What {@link #holdAt} tells when the member did not answer. */
    int NO_ANSWER = 0;

    /** There are no gateways. */
    ClientHolds NONE =
            new ClientHolds() {
                @Override
                public CompletableFuture<HoldStatus> hold(HoldRequest request) {
                    return nobody();
                }

                @Override
                public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
                    return nobody();
                }

                @Override
                public CompletableFuture<HoldStatus> release(String owner, HoldScope scope) {
                    return nobody();
                }

                @Override
                public CompletableFuture<Integer> holdAt(
                        Member member, HoldRequest request, Duration timeout) {
                    return CompletableFuture.completedFuture(NO_ANSWER);
                }

                @Override
                public void releaseAt(Member member, String owner, HoldScope scope) {}

                private CompletableFuture<HoldStatus> nobody() {
                    return CompletableFuture.failedFuture(
                            new PostgresProblem("there is no gateway"));
                }
            };

    /** In this node's gateway; fails when it does not run. */
    CompletableFuture<HoldStatus> hold(HoldRequest request);

    /** Waits for what is open in this node's gateway. */
    CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit);

    /** In this node's gateway. */
    CompletableFuture<HoldStatus> release(String owner, HoldScope scope);

    /**
     * In another member's gateway, through its agent.
     *
     * @return the status of HTTP: 200 held, 503 no gateway; {@link #NO_ANSWER} for none
     */
    CompletableFuture<Integer> holdAt(Member member, HoldRequest request, Duration timeout);

    /** Does not wait for an answer. */
    void releaseAt(Member member, String owner, HoldScope scope);
}
