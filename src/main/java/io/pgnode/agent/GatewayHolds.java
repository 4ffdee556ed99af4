package io.pgnode.agent;

import io.pgnode.agent.rest.PeerClient;
import io.pgnode.cluster.Member;
import io.pgnode.feed.HoldClient;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/** {@link ClientHolds} over this node's {@code gateway.sock} and the members' REST APIs. */
final class GatewayHolds implements ClientHolds {
    private static final Logger LOG = Logger.getLogger(GatewayHolds.class);
    private static final Duration RELEASE = Duration.ofSeconds(2);

    private final HoldClient gateway;
    private final PeerClient peers;

    GatewayHolds(HoldClient gateway, PeerClient peers) {
        this.gateway = gateway;
        this.peers = peers;
    }

    /**
     * The gateway of this node goes over to the new configuration; one that does not run will read
     * it when it starts. Blocks, with a limit.
     *
     * @throws LocalConfiguration.Refused when the gateway finds anything wrong with it
     */
    static void reload(HoldClient gateway) throws LocalConfiguration.Refused {
        try {
            var _ = gateway.reload().join(); // has a deadline
        } catch (CompletionException e) {
            if (e.getCause() instanceof HoldClient.Refused refused) {
                throw new LocalConfiguration.Refused(refused.why());
            }
            LOG.infof("gateway not reloaded: %s", Loop.message(e));
        }
    }

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        return gateway.hold(request);
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        return gateway.drained(scope, limit);
    }

    @Override
    public CompletableFuture<HoldStatus> release(String owner, HoldScope scope) {
        return gateway.releaseAndAsk(owner, scope);
    }

    @Override
    public CompletableFuture<Integer> holdAt(Member member, HoldRequest request, Duration timeout) {
        return peers.hold(member.apiUrl(), timeout, request)
                .handle(
                        (answer, failure) -> {
                            if (failure != null) {
                                LOG.debugf(
                                        "no answer about a hold member=%s: %s",
                                        member.name(), Loop.message(failure));
                                return NO_ANSWER;
                            }
                            return answer.status();
                        });
    }

    @Override
    public void releaseAt(Member member, String owner, HoldScope scope) {
        var _ =
                peers.release(member.apiUrl(), RELEASE, owner, scope)
                        .handle(
                                (answer, failure) -> {
                                    LOG.debugf(
                                            "release member=%s: %s",
                                            member.name(),
                                            failure == null
                                                    ? answer.status()
                                                    : Loop.message(failure));
                                    return null;
                                });
    }
}
