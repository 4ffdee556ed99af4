package io.pgnode.sim;

import io.pgnode.agent.AgentSnapshot;
import io.pgnode.agent.Operations;
import io.pgnode.agent.Peers;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.Member;
import io.pgnode.ha.LocalState;
import io.pgnode.ha.PeerAnswer;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Questions to other agents over the fake network, answered from their snapshots. */
final class FakePeers implements Peers {
    /** The agent of a member while it runs. */
    interface Peer {
        SimLoop loop();

        @Nullable AgentSnapshot snapshot();

        Operations operations();
    }

    private final SimNetwork network;
    private final String host;
    private final SimLoop loop;
    private final Function<MemberName, @Nullable Peer> peers;
    private final boolean keepsPromises;

    FakePeers(
            SimNetwork network,
            String host,
            SimLoop loop,
            Function<MemberName, @Nullable Peer> peers,
            boolean keepsPromises) {
        this.network = network;
        this.host = host;
        this.loop = loop;
        this.peers = peers;
        this.keepsPromises = keepsPromises;
    }

    @Override
    public CompletableFuture<PeerAnswer> ask(Member member, Duration timeout) {
        CompletableFuture<PeerAnswer> answer = new CompletableFuture<>();
        String there = member.name().value();
        var _ =
                loop.schedule(
                        timeout.toNanos(),
                        () -> answer.complete(PeerAnswer.unreachable(member.name())));
        toPeer(
                member.name(),
                peer -> {
                    AgentSnapshot snapshot = peer.snapshot();
                    if (snapshot != null) {
                        PeerAnswer reply = answer(snapshot, peer.loop().nanos());
                        network.send(there, host, () -> loop.execute(() -> answer.complete(reply)));
                    }
                });
        return answer;
    }

    private static PeerAnswer answer(AgentSnapshot snapshot, long now) {
        LocalState local = snapshot.local();
        InstanceView instance = local.instance();
        return new PeerAnswer(
                local.self(),
                true,
                instance.isPrimary(),
                local.lease().isValid(now),
                instance.isStandby(),
                instance.timeline(),
                instance.position(),
                local.tags().noFailover(),
                local.tags().failoverPriority(),
                local.watchdogFailed(),
                snapshot.memberState(),
                true);
    }

    @Override
    public CompletableFuture<Duration> askFailsafe(
            MemberName member, String apiUrl, String body, Duration timeout) {
        CompletableFuture<Duration> answer = new CompletableFuture<>();
        var _ = loop.schedule(timeout.toNanos(), () -> answer.complete(Duration.ZERO));
        toPeer(
                member,
                peer -> {
                    CompletableFuture<Operations.FailsafeAnswer> asked =
                            keepsPromises
                                    ? peer.operations()
                                            .failsafe(new MemberName(host), apiUrl, Map.of())
                                    : CompletableFuture.completedFuture(
                                            new Operations.FailsafeAnswer(
                                                    Duration.ofDays(1),
                                                    200,
                                                    "",
                                                    io.pgnode.model.Lsn.NONE));
                    var _ =
                            asked.thenAccept(
                                    reply ->
                                            network.send(
                                                    member.value(),
                                                    host,
                                                    () ->
                                                            loop.execute(
                                                                    () ->
                                                                            answer.complete(
                                                                                    reply
                                                                                            .promised()))));
                });
        return answer;
    }

    private void toPeer(MemberName member, java.util.function.Consumer<Peer> atPeer) {
        network.send(
                host,
                member.value(),
                () -> {
                    Peer peer = peers.apply(member);
                    if (peer != null) {
                        peer.loop().execute(() -> atPeer.accept(peer));
                    }
                });
    }
}
