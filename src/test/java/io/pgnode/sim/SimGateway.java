package io.pgnode.sim;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.feed.HoldRequest;
import io.pgnode.feed.HoldScope;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The gateway of a node: what it holds, and what it knows of the cluster. Outlives agents. */
final class SimGateway {
    /** How it behaves when it is asked to hold clients back. */
    enum Mood {
        WELL,
        /** Answers, but takes longer than anybody waits. */
        SLOW,
        /** Takes calls and never answers. */
        HANGS,
        /** Holds, and something stays open for ever. */
        NEVER_DRAINED,
        /** Refuses every call. */
        FAILS,
        /** The call itself fails. */
        THROWS,
        /** Another of these for each call. */
        MIXED
    }

    private final String node;
    private final List<HoldRequest> holds = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private Mood mood;
    private @Nullable ClusterSnapshot snapshot;

    SimGateway(String node, Mood mood) {
        this.node = node;
        this.mood = mood;
    }

    Mood mood() {
        return mood;
    }

    void mood(Mood newMood) {
        mood = newMood;
    }

    void hold(HoldRequest request) {
        release(request.owner(), request.scope());
        holds.add(request);
        story.add("hold " + request.scope() + " " + request.owner() + " " + request.epoch());
    }

    void release(String owner, HoldScope scope) {
        if (holds.removeIf(hold -> hold.owner().equals(owner) && hold.scope() == scope)) {
            story.add("release " + scope + " " + owner);
        }
    }

    boolean isHeld(HoldScope scope) {
        return holds.stream().anyMatch(hold -> hold.scope() == scope);
    }

    /** What happened to the holds, in order. */
    List<String> story() {
        return story;
    }

    /** From the agent. */
    void snapshot(ClusterSnapshot newest) {
        snapshot = newest;
        Member leader = newest.view().leaderMember();
        boolean hasPrimary = leader != null && leader.role() == MemberRole.PRIMARY;
        holds.removeIf(
                hold ->
                        hold.scope() == HoldScope.PRIMARY
                                && hasPrimary
                                && newest.view().epoch() > hold.epoch());
    }

    /** Whether it sends what needs a primary to this member. */
    boolean trusts(MemberName name, long nowNanos) {
        ClusterSnapshot known = snapshot;
        if (known == null || known.leaseDeadlineNanos() - nowNanos <= 0) {
            return false;
        }
        Member leader = known.view().leaderMember();
        return leader != null
                && leader.name().equals(name)
                && leader.role() == MemberRole.PRIMARY
                && leader.isRunning();
    }

    @Override
    public String toString() {
        return node + " " + holds;
    }
}
