package io.pgnode.sim;

import io.pgnode.agent.ClientHolds;
import io.pgnode.agent.PostgresProblem;
import io.pgnode.cluster.Member;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.feed.HoldStatus;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The gateways as an agent reaches them: its own at once, the others over the network. */
final class FakeHolds implements ClientHolds {
    private static final long MILLI = 1_000_000L;

    private final World world;
    private final SimNetwork network;
    private final String host;
    private final SimLoop loop;
    private final SimGateway gateway;
    private final Function<MemberName, FakePeers.@Nullable Peer> peers;

    FakeHolds(
            World world,
            SimNetwork network,
            String host,
            SimLoop loop,
            SimGateway gateway,
            Function<MemberName, FakePeers.@Nullable Peer> peers) {
        this.world = world;
        this.network = network;
        this.host = host;
        this.loop = loop;
        this.gateway = gateway;
        this.peers = peers;
    }

    @Override
    public CompletableFuture<HoldStatus> hold(HoldRequest request) {
        return answer(
                () -> {
                    gateway.hold(request);
                    return new HoldStatus(true, 2, 5);
                });
    }

    @Override
    public CompletableFuture<HoldStatus> drained(HoldScope scope, Duration limit) {
        if (gateway.mood() == SimGateway.Mood.NEVER_DRAINED) {
            CompletableFuture<HoldStatus> later = new CompletableFuture<>();
            var _ =
                    loop.schedule(
                            limit.toNanos(), () -> later.complete(new HoldStatus(true, 1, 9)));
            return later;
        }
        return answer(() -> new HoldStatus(gateway.isHeld(scope), 0, 9));
    }

    @Override
    public CompletableFuture<HoldStatus> release(String owner, HoldScope scope) {
        return answer(
                () -> {
                    gateway.release(owner, scope);
                    return new HoldStatus(gateway.isHeld(scope), 0, 0);
                });
    }

    private CompletableFuture<HoldStatus> answer(Supplier<HoldStatus> call) {
        Random chance = world.chance("gateway " + host);
        SimGateway.Mood mood = gateway.mood();
        if (mood == SimGateway.Mood.MIXED) {
            SimGateway.Mood[] moods = SimGateway.Mood.values();
            mood = chance.nextBoolean() ? SimGateway.Mood.WELL : moods[chance.nextInt(6)];
        }
        CompletableFuture<HoldStatus> answer = new CompletableFuture<>();
        long delay = (long) (chance.nextDouble() * 3 * MILLI);
        switch (mood) {
            case WELL, NEVER_DRAINED, MIXED -> later(delay, () -> answer.complete(call.get()));
            case SLOW -> later(delay * 3000, () -> answer.complete(call.get()));
            case HANGS ->
                    later(
                            delay,
                            () -> {
                                var _ = call.get();
                            });
            case FAILS ->
                    later(
                            delay,
                            () -> answer.completeExceptionally(new PostgresProblem("refused")));
            case THROWS -> throw new IllegalStateException("the gateway's client has a bug");
        }
        return answer;
    }

    private void later(long nanos, Runnable task) {
        var _ = loop.schedule(nanos, task);
    }

    @Override
    public CompletableFuture<Integer> holdAt(Member member, HoldRequest request, Duration timeout) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        later(timeout.toNanos(), () -> answer.complete(NO_ANSWER));
        at(
                member,
                peer ->
                        peer.operations()
                                .hold(request)
                                .whenComplete(
                                        (status, failure) ->
                                                network.send(
                                                        member.name().value(),
                                                        host,
                                                        () ->
                                                                loop.execute(
                                                                        () ->
                                                                                answer.complete(
                                                                                        failure
                                                                                                        == null
                                                                                                ? 200
                                                                                                : 503)))));
        return answer;
    }

    @Override
    public void releaseAt(Member member, String owner, HoldScope scope) {
        at(member, peer -> peer.operations().release(owner, scope));
    }

    private void at(Member member, Function<FakePeers.Peer, CompletableFuture<HoldStatus>> call) {
        network.send(
                host,
                member.name().value(),
                () -> {
                    FakePeers.Peer peer = peers.apply(member.name());
                    if (peer != null) {
                        peer.loop().execute(() -> call(peer, call));
                    }
                });
    }

    /** A REST server answers 500 to a bug, and goes on. */
    private static void call(
            FakePeers.Peer peer, Function<FakePeers.Peer, CompletableFuture<HoldStatus>> call) {
        try {
            var _ = call.apply(peer);
        } catch (IllegalStateException e) {
            // no answer
        }
    }
}
