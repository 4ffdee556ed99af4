package io.pgnode.agent;

import io.pgnode.agent.rest.PeerClient;
import io.pgnode.agent.rest.RestAnswer;
import io.pgnode.cluster.Member;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** {@link Peers} over the members' REST APIs. */
final class PeerRequests implements Peers {
    private static final Duration UNLIMITED = Duration.ofDays(1);

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
    public CompletableFuture<Duration> askFailsafe(
            MemberName member, String apiUrl, String body, Duration timeout) {
        return client.failsafe(apiUrl, timeout, body)
                .handle(
                        (answer, failure) ->
                                failure == null && answer.status() == 200
                                        ? promised(answer)
                                        : Duration.ZERO);
    }

    /** Patroni does not say for how long; it means its ttl, which is ours. */
    private static Duration promised(RestAnswer answer) {
        String millis = answer.headers().get(PeerClient.PROMISE_HEADER);
        try {
            return millis == null ? UNLIMITED : Duration.ofMillis(Long.parseLong(millis));
        } catch (NumberFormatException e) {
            return Duration.ZERO;
        }
    }
}
