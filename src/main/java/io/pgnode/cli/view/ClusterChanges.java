package io.pgnode.cli.view;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Handoff;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What happened between two views of a cluster, one sentence per event, in the order of effects.
 */
public final class ClusterChanges {
    private ClusterChanges() {}

    public static List<String> between(ClusterView before, ClusterView now) {
        List<String> changes = new ArrayList<>();
        request(before, now, changes);
        leadership(before, now, changes);
        for (Member member : before.members().values()) {
            if (!now.members().containsKey(member.name())) {
                changes.add(member.name() + " has left the cluster");
            }
        }
        for (Member member : now.members().values()) {
            Member old = before.members().get(member.name());
            if (old == null) {
                changes.add(member.name() + " has joined the cluster: " + MemberState.of(member));
            } else {
                member(old, member, changes);
            }
        }
        return changes;
    }

    private static void request(ClusterView before, ClusterView now, List<String> changes) {
        if (before.switchover() == null && now.switchover() != null) {
            String to =
                    now.switchover().candidate() == null
                            ? ""
                            : " to " + now.switchover().candidate();
            String kind = now.switchover().isFailover() ? "failover" : "switchover";
            changes.add(kind + to + " is requested");
        }
    }

    private static void leadership(ClusterView before, ClusterView now, List<String> changes) {
        Handoff handoff = now.handoff();
        if (handoff != null && !handoff.equals(before.handoff())) {
            changes.add(
                    "%s has shut down cleanly at %s and hands over%s"
                            .formatted(
                                    handoff.from(),
                                    handoff.shutdownLsn(),
                                    handoff.to() == null ? "" : " to " + handoff.to()));
        }
        LeaderKey old = before.leader();
        LeaderKey leader = now.leader();
        if (leader == null) {
            if (old != null) {
                boolean handedOver = handoff != null && handoff.from().equals(old.name());
                changes.add(
                        handedOver
                                ? old.name() + " has released the leader key"
                                : "the leader key of " + old.name() + " is gone");
            }
        } else if (old == null || !old.name().equals(leader.name())) {
            String epoch = now.epoch() == 0 ? "" : ", epoch " + now.epoch();
            changes.add(leader.name() + " holds the leader key" + epoch);
        }
    }

    private static void member(Member old, Member now, List<String> changes) {
        boolean nowPrimary = now.role() == MemberRole.PRIMARY && now.isRunning();
        boolean wasPrimary = old.role() == MemberRole.PRIMARY && old.isRunning();
        if (nowPrimary && !wasPrimary) {
            changes.add(now.name() + " is primary on timeline " + now.timeline());
        } else if (!Objects.equals(MemberState.of(old), MemberState.of(now))) {
            changes.add(now.name() + " is " + MemberState.of(now));
        }
    }
}
