package io.pgnode.agent;

import io.pgnode.agent.rest.PeerClient;
import io.pgnode.cluster.Member;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** {@link Peers} over the members' REST APIs. */
final class PeerRequests implements Peers {
    private final PeerClient client;

    PeerRequests(PeerClient client) {
        this.client = client;
    }

    @Override
    public CompletableFuture<PeerAnswer> ask(Member member, Duration timeout) {
        return member.apiUrl().isEmpty()
                ? CompletableFuture.completedFuture(PeerAnswer.unreachable(member.name()))
                : client.status(member.name(), member.apiUrl(), timeout);
    }

    @Override
    public CompletableFuture<Boolean> askFailsafe(
            MemberName member, String apiUrl, String body, Duration timeout) {
        return client.failsafe(apiUrl, timeout, body)
                .handle((answer, failure) -> failure == null && answer.status() == 200);
    }
}
