package io.pgnode.ha;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/** Where a new member copies its data directory from. */
final class CloneSource {
    private CloneSource() {}

    /**
     * A running replica tagged {@code clonefrom}, else the leader once it accepts writes; null
     * while there is none.
     */
    static @Nullable MemberName choose(ClusterView view, MemberName self) {
        for (Member member : view.members().values()) {
            if (!member.name().equals(self)
                    && !view.isLeader(member.name())
                    && member.tags().cloneFrom()
                    && member.isRunning()
                    && member.postgres() != null) {
                return member.name();
            }
        }
        Member leader = view.leaderMember();
        if (leader == null
                || leader.name().equals(self)
                || !leader.isRunning()
                || leader.role() == MemberRole.REPLICA
                || leader.postgres() == null) {
            return null;
        }
        return leader.name();
    }
}
