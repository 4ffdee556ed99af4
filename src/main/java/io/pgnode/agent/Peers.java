package io.pgnode.agent;

import io.pgnode.cluster.Member;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The other members, asked directly. Futures never fail and complete by the timeout. */
public interface Peers {
    CompletableFuture<PeerAnswer> ask(Member member, Duration timeout);

    /**
     * Asks a member whether we may go on as leader without the DCS.
     *
     * @return how long we may from when this was called, as far as the member is concerned; zero
     *     when it does not agree
     */
    CompletableFuture<Duration> askFailsafe(
            MemberName member, String apiUrl, String body, Duration timeout);
}
